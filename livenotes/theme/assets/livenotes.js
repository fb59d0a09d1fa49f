// The language links lead to the same page; this adds the place that is being read. The address
// gets the heading, whose id is the same in all languages. The block at the top of the window is
// passed on in the browser's storage, so that a shared address stays clean. The browser follows the
// link itself: a click with Ctrl, Shift or the middle button opens the same place in a new tab or
// window. Stands in the head, so that a page is not seen before it stands where it should.
"use strict";
{
  const PLACE = "livenotes.place";
  const CHOICE = "livenotes.language"; // read by the landing page
  const HEADING = ":is(h1, h2, h3, h4, h5, h6)[id]";
  const BLOCK = ":is(p, li, dt, dd, tr, summary, .cell, .highlight, div.arithmatex)";
  const INSIDE = ":is(.cell *, li p, .highlight *, .md-source-file *)"; // counted with what holds it

  // Storage may be switched off; the heading in the address is kept all the same.
  const store = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {}
  };
  const take = (key) => {
    try {
      const value = JSON.parse(localStorage.getItem(key));
      if (value?.to !== location.href) return null;
      localStorage.removeItem(key);
      return Date.now() - value.at < 60_000 ? value : null;
    } catch {
      return null;
    }
  };

  // Where the text begins: below the header.
  const edge = () => document.querySelector(".md-header")?.getBoundingClientRect().bottom ?? 0;

  // A block is named by its section, its kind, and its number there. Both languages have the same,
  // which the build checks. A page of both has those of each at its side, `lang`, and some once.
  const blocks = (lang) => {
    const found = [];
    let section = "";
    let counts = {};
    for (const element of document.querySelectorAll(
      `article :is(${HEADING}, ${BLOCK}:not(${INSIDE}))`,
    )) {
      const side = element.closest(".pair > [lang]");
      if (side && side.lang !== lang) continue;
      if (element.matches(HEADING)) {
        section = element.id;
        counts = {};
      }
      const kind = element.classList[0] ?? element.localName;
      counts[kind] = (counts[kind] ?? 0) + 1;
      found.push({ element, name: `${section} ${kind} ${counts[kind]}` });
    }
    return found;
  };

  // The innermost block at the edge, else the first below: its name, and where the edge crosses it,
  // as a share of its height, or how far below it begins, in pixels.
  const currentPlace = () => {
    const sides = [...document.querySelectorAll(".pair > [lang]")].map((side) => side.lang);
    const top = edge();
    let best = null;
    for (const lang of new Set([document.documentElement.lang, ...sides])) {
      for (const { element, name } of blocks(lang)) {
        if (element.checkVisibility?.({ contentVisibilityAuto: true }) === false) continue;
        const box = element.getBoundingClientRect();
        if (!box.height || box.bottom <= top + 4) continue;
        const below = Math.max(0, box.top - top);
        const better = best && (below ? below < best.below : best.below || box.top > best.top);
        if (best && !better) continue;
        best = { name, lang, top: box.top, below, share: (top - box.top) / box.height };
      }
    }
    return best;
  };

  const opened = () => boxes().flatMap((box, i) => (box.open ? [i] : []));
  const boxes = () => [...document.querySelectorAll("article details")];

  const goTo = ({ name, lang, top, below, share, opened, same }) => {
    boxes().forEach((box, i) => (box.open = opened.includes(i)));
    const page = document.documentElement.lang;
    const side = document.querySelector(`.pair > [lang="${lang}"]`) ? lang : page;
    const block = blocks(side).find((each) => each.name === name)?.element;
    const box = block?.getBoundingClientRect();
    if (!box?.height) return; // the browser has gone to the heading
    const place = below ? box.top - below : box.top + share * box.height;
    scrollBy({ top: same ? box.top - top : place - edge(), behavior: "instant" });
  };

  const arrive = (place) => {
    const { classList } = document.documentElement;
    let reader = false;
    const settle = () => {
      try {
        if (!reader) goTo(place);
      } finally {
        classList.remove("ln-arriving");
      }
    };
    classList.add("ln-arriving");
    document.addEventListener("DOMContentLoaded", settle);
    addEventListener("load", settle); // fonts may have moved it
    for (const type of ["wheel", "touchstart", "pointerdown", "keydown"]) {
      addEventListener(type, () => (reader = true), { once: true, passive: true });
    }
  };

  const currentHash = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const box = target?.getBoundingClientRect();
    if (box && box.bottom > 0 && box.top < innerHeight) return location.hash;
    // Otherwise the last heading above the upper quarter of the window; none while at the top.
    if (scrollY === 0) return "";
    const headings = document.querySelectorAll(".md-content :is(h2, h3, h4)[id]");
    const passed = [...headings].filter((h) => h.getBoundingClientRect().top < innerHeight / 4);
    return passed.length ? `#${passed.at(-1).id}` : "";
  };

  const leave = (event) => {
    const link = event.target.closest?.("a");
    if (link?.hreflang && event.type !== "contextmenu") store(CHOICE, link.hreflang);
    if (!link?.matches(".ln-language")) return;
    link.hash = currentHash();
    const place = scrollY > 0 && currentPlace();
    if (!place) return;
    store(PLACE, JSON.stringify({ ...place, opened: opened(), to: link.href, at: Date.now() }));
  };

  // "auxclick" is the middle button, "contextmenu" is "open in a new tab".
  for (const type of ["click", "auxclick", "contextmenu"]) {
    document.addEventListener(type, leave, true);
  }
  // A page that is loaded again or gone back to opens where it was left. The browser knows that in
  // pixels only, and has not laid out yet what stands above.
  const LEFT = `livenotes.left ${location.pathname}`;
  addEventListener("pagehide", () => {
    const place = scrollY > 0 && currentPlace();
    try {
      sessionStorage.setItem(LEFT, JSON.stringify(place && { ...place, opened: opened(), same: true }));
    } catch {}
  });
  const left = () => {
    try {
      const [{ type }] = performance.getEntriesByType("navigation");
      return type === "navigate" ? null : JSON.parse(sessionStorage.getItem(LEFT));
    } catch {
      return null;
    }
  };

  const place = take(PLACE) ?? left();
  // Places are exact in a page that is laid out whole.
  if (place || location.hash) document.documentElement.classList.add("ln-whole");
  history.scrollRestoration = place ? "manual" : "auto";
  if (place) arrive(place);
}
