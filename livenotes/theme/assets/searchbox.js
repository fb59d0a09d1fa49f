// The search box, for those who do not type letter by letter: the theme looks at the box when a key
// goes up, so it misses words that an input method, a paste by mouse or dictation puts in. And while
// an input method composes, Enter, Escape and the arrows belong to it, not to the theme.
"use strict";
{
  const box = document.querySelector(".md-search__input");
  box?.addEventListener("input", (event) => {
    if (!event.isComposing) box.dispatchEvent(new KeyboardEvent("keyup"));
  });
  box?.addEventListener("compositionend", () => box.dispatchEvent(new KeyboardEvent("keyup")));
  for (const type of ["keydown", "keyup"]) {
    document.addEventListener(type, (event) => event.isComposing && event.stopPropagation(), true);
  }
}
