// What scrolls sideways can be scrolled by the keyboard: code, outputs, formulas and tables get into
// the tab order while they are wider than the page, and only then. Looked at when they come near,
// so that a long page is not laid out whole.
"use strict";
{
  const wide = ".cell-output, .cell-output pre, div.arithmatex, .jupyter-wrapper :is(pre, .jp-OutputArea-output), .md-typeset__scrollwrap";

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
  // On a phone, code that is wider than the page gets a button that wraps all long lines, or lets
  // them be as wide as they are; the choice is kept. Storage may be switched off.
  const chosen = "wrap";
  try {
    document.documentElement.classList.toggle("ln-wrap", !!__md_get(chosen));
  } catch {}
  const offerWrap = (nav) => {
    const code = nav.parentElement.querySelector(".cell-source pre > code");
    const root = document.documentElement;
    const wraps = root.classList.contains("ln-wrap");
    if (!code || innerWidth >= 720 || (!wraps && code.scrollWidth <= code.clientWidth)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "md-code__button ln-wrap-button";
    button.textContent = "↩";
    button.title = button.ariaLabel = document.querySelector(".ln-keys").dataset.wrap;
    button.ariaPressed = `${wraps}`;
    button.onclick = () => {
      const on = root.classList.toggle("ln-wrap");
      document.querySelectorAll(".ln-wrap-button").forEach((b) => (b.ariaPressed = `${on}`));
      try {
        __md_set(chosen, on);
      } catch {}
    };
    nav.prepend(button);
  };

  // The theme puts wide tables into boxes of its own, later; and each copy button into a <nav>
  // without a name: fifty landmarks that lead nowhere.
  const look = (element) => {
    if (element.matches(wide)) near.observe(element);
    if (element.matches(".md-code__nav")) {
      element.setAttribute("role", "none");
      offerWrap(element);
    }
  };
  const added = (node) => node instanceof Element && [node, ...node.querySelectorAll("*")].forEach(look);
  const article = document.querySelector(".md-content");
  article.querySelectorAll(`${wide}, .md-code__nav`).forEach(look);
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(added)))
    .observe(article, { childList: true, subtree: true });

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
