// What scrolls sideways can be scrolled by the keyboard: code, outputs, formulas and tables get into
// the tab order while they are wider than the page, and only then. Looked at when they come near,
// so that a long page is not laid out whole.
"use strict";
{
  const wide = ".cell-output, .cell-output pre, div.arithmatex, .jupyter-wrapper :is(pre, .jp-OutputArea-output, .highlight-ipynb), .md-typeset__scrollwrap";

  const check = (element) => {
    const scrolls = element.scrollWidth > element.clientWidth + 1;
    if (scrolls) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  };

  const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => check(target)));
  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) resized.observe(target);
        else resized.unobserve(target);
      }
    },
    { rootMargin: "50% 0px" },
  );
  const watch = () => document.querySelectorAll(wide).forEach((element) => near.observe(element));

  // The theme puts each copy button into a <nav> without a name: fifty landmarks that lead nowhere.
  const quieten = (node) => {
    if (node.matches?.(".md-code__nav")) node.setAttribute("role", "none");
  };
  const article = document.querySelector(".md-content");
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) addedNodes.forEach(quieten);
  }).observe(article, { childList: true, subtree: true });
  article.querySelectorAll(".md-code__nav").forEach(quieten);
  watch();

  // From a cell's copy button the arrow keys lead to the link to its source, and back.
  document.addEventListener("keydown", ({ key, target }) => {
    const cell = target.closest?.(".cell-source");
    if (!cell || !["ArrowLeft", "ArrowRight"].includes(key)) return;
    const button = cell.querySelector(".md-code__button");
    const link = cell.querySelector(".cell-link");
    if (key === "ArrowRight" && target === button) link?.focus();
    if (key === "ArrowLeft" && target === link) button?.focus();
  });
}
