// The list of keyboard shortcuts, at "?" or by its button, with a switch: who dictates, or touches
// keys by accident, can do without shortcuts of a single key (WCAG 2.1.4).
"use strict";
{
  const dialog = document.querySelector(".ln-keys");
  const button = document.querySelector(".ln-keys-button");
  const wanted = dialog?.querySelector("input");
  const stored = "keys"; // the theme's own functions keep it for both languages
  const single = ["/", "?", ",", ".", "f", "n", "p", "s"];

  const typing = ({ target }) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

  const press = (event) => {
    if (typing(event) && !dialog.open) return;
    if (event.altKey || event.ctrlKey || event.metaKey || !single.includes(event.key)) return;
    if (dialog.open || !wanted.checked) event.stopImmediatePropagation(); // not to the theme
    else if (event.key === "?") dialog.showModal();
  };

  if (dialog && button) {
    try {
      wanted.checked = __md_get(stored) !== false;
    } catch {
      // A browser may refuse to remember: the shortcuts are on, then.
    }
    wanted.addEventListener("change", () => __md_set(stored, wanted.checked));
    button.addEventListener("click", () => dialog.showModal());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // beside it
    });
    addEventListener("keydown", press, true);
  }
}
