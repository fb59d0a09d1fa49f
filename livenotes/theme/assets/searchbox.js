// The search box, for those who do not type letter by letter: the theme looks at the box when a key
// goes up, so it misses words that an input method, a paste by mouse or dictation puts in. And while
// an input method composes, Enter, Escape and the arrows belong to it, not to the theme.
// The theme asks for the search index with every page. Most readers never search, so the request waits
// until the box gets the focus; on a page opened from a result (?h=), whose words the theme marks, it
// does not. This script runs before the theme's.
"use strict";
{
  const turnedTo = new Promise((resolve) => {
    if (new URLSearchParams(location.search).has("h")) resolve();
    document.addEventListener("focusin", ({ target }) => target.matches(".md-search__input") && resolve());
  });
  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...more) {
    this.waits = String(url).endsWith("/search/search_index.json");
    return open.call(this, method, url, ...more);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (this.waits) turnedTo.then(() => send.call(this, body));
    else send.call(this, body);
  };

  const box = document.querySelector(".md-search__input");
  box?.addEventListener("input", (event) => {
    if (!event.isComposing) box.dispatchEvent(new KeyboardEvent("keyup"));
  });
  box?.addEventListener("compositionend", () => box.dispatchEvent(new KeyboardEvent("keyup")));
  for (const type of ["keydown", "keyup"]) {
    document.addEventListener(type, (event) => event.isComposing && event.stopPropagation(), true);
  }
}
