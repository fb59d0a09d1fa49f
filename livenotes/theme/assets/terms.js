// Tips at terms work by the style sheet alone. This makes them better:
// - Escape closes a tip, wherever the pointer or the focus is, until both have gone elsewhere.
// - An open tip lies on top of everything, so no section cuts it off.
// - The Tab key stops at one term in each section; the arrow keys go on from there to all others,
//   but for those in a closed box.
"use strict";
{
  const terms = [...document.querySelectorAll(".term > dfn")];

  // The term with which each section begins is in the tab order, all others wait for the arrows.
  const stops = new Map();
  for (const term of terms) {
    const section = term.closest(".section, article");
    if (stops.has(section) || term.closest("details:not([open])")) term.tabIndex = -1;
    else stops.set(section, term);
  }

  const termOf = (node) => (node instanceof Element ? node.closest(".term") : null);

  const open = (event) => {
    const term = termOf(event.target);
    const tip = term?.querySelector("x-term-tip");
    if (!tip || tip.matches(":popover-open")) return;
    // Only where the style sheet places the tip by its term; elsewhere it lies in the text.
    if (getComputedStyle(tip).position !== "fixed") return;
    tip.popover = "manual";
    tip.showPopover();
  };

  const close = (term) => {
    const tip = term.querySelector("x-term-tip");
    if (tip.matches(":popover-open")) tip.hidePopover();
    tip.removeAttribute("popover");
  };

  // What is left by pointer and focus alike is closed, and may open again.
  const leave = (event) => {
    const term = termOf(event.target);
    if (!term || term.contains(event.relatedTarget)) return;
    const held = event.type === "focusout" ? ":hover, :has(> x-term-tip:hover)" : ":focus-within";
    if (term.matches(`:is(${held})`)) return;
    close(term);
    term.classList.remove("term-dismissed");
  };

  const dismiss = (event) => {
    if (event.key !== "Escape") return;
    const opened = ".term:is(:hover, :focus-within, :has(> :popover-open))";
    for (const term of document.querySelectorAll(opened)) {
      close(term);
      term.classList.add("term-dismissed");
    }
  };

  const step = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = terms.indexOf(document.activeElement);
    if (at < 0 || !by) return;
    let to = at + by;
    while (terms[to] && !terms[to].checkVisibility()) to += by;
    const next = terms[to];
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const section = next.closest(".section, article");
    const before = stops.get(section);
    if (before) before.tabIndex = -1;
    next.tabIndex = 0;
    stops.set(section, next);
    next.focus();
  };

  document.addEventListener("pointerover", open);
  document.addEventListener("focusin", open);
  document.addEventListener("pointerout", leave);
  document.addEventListener("focusout", leave);
  document.addEventListener("keydown", dismiss);
  document.addEventListener("keydown", step);
}
