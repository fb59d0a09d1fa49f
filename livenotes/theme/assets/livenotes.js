// The language link leads to the same page; this adds the heading that is being read. Headings have
// the same ids in both languages. The browser follows the link itself, so a click with Ctrl, Shift or
// the middle button opens the same place in a new tab or window.
"use strict";
{
  const isVisible = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };

  const currentHash = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && isVisible(target)) return location.hash;
    // Otherwise the last heading above the upper quarter of the window; none while at the top.
    if (scrollY === 0) return "";
    const headings = document.querySelectorAll(".md-content :is(h2, h3, h4)[id]");
    const passed = [...headings].filter((h) => h.getBoundingClientRect().top < innerHeight / 4);
    return passed.length ? `#${passed.at(-1).id}` : "";
  };

  const keepHeading = (event) => {
    const link = event.target.closest?.(".ln-language");
    if (link) link.hash = currentHash();
  };

  // "auxclick" is the middle button, "contextmenu" is "open in a new tab".
  for (const type of ["click", "auxclick", "contextmenu"]) {
    document.addEventListener(type, keepHeading, true);
  }
}

// Below every alternate version that a page names in its head, the theme looks for a sitemap of other
// versions of the site, once the page is read; there is none. So they have no name until that is over.
{
  const alternates = document.querySelectorAll("link[rel=alternate]");
  for (const link of alternates) link.rel = "";
  addEventListener("load", () => {
    for (const link of alternates) link.rel = "alternate";
  });
}
