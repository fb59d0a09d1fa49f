// A figure of several frames: the slider below it chooses the one that is seen. Without this script
// the slider stays hidden, and the figure shows its first frame.
"use strict";
{
  const show = ({ target }) => {
    const slider = target.closest?.(".cell-slider");
    if (!slider) return;
    for (const part of slider.parentElement.querySelectorAll("[data-frame]")) {
      if (part.dataset.frame === target.value) part.removeAttribute("display");
      else part.setAttribute("display", "none");
    }
    const { label, text } = target.list.options[target.value];
    target.setAttribute("aria-valuetext", label);
    slider.querySelector("output").value = text;
  };

  const reveal = () => {
    for (const slider of document.querySelectorAll(".cell-slider")) slider.hidden = false;
  };

  document.addEventListener("input", show);
  // The theme says when it has put another page in place of this one.
  if (window.document$) window.document$.subscribe(reveal);
  else reveal();
}
