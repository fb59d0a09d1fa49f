// Marks the door of the reader's language: the one chosen last, else the first that the browser
// asks for. Nobody is sent anywhere, so nobody is kept from the other door or from coming back.
"use strict";
{
  const HINTS = {
    zh: { chosen: "上次选了中文", asked: "浏览器首选中文" },
    en: { chosen: "Your last choice", asked: "Your browser's language" },
  };
  const door = (code) => document.querySelector(`.landing-door[lang="${code}"]`);
  let chosen = null;
  try {
    chosen = localStorage.getItem("livenotes.language"); // written by assets/livenotes.js
  } catch {}
  const asked = navigator.languages.map((name) => name.slice(0, 2).toLowerCase());
  const code = [chosen, ...asked].find((each) => Object.hasOwn(HINTS, each));
  if (code && door(code)) {
    const hint = document.createElement("span");
    hint.className = "landing-hint";
    hint.textContent = HINTS[code][code === chosen ? "chosen" : "asked"];
    door(code).classList.add("landing-preferred");
    door(code).querySelector(".landing-enter").append(hint);
  }
}
