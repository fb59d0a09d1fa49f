// How far the page has been read, where the style sheet cannot tell by itself.
"use strict";
if (!CSS.supports("animation-timeline: scroll()")) {
  const show = () => {
    const whole = document.documentElement.scrollHeight - innerHeight;
    const read = whole > 0 ? Math.min(scrollY / whole, 1) : 0;
    document.querySelector(".md-header")?.style.setProperty("--ln-read", read);
  };
  addEventListener("scroll", show, { passive: true });
  addEventListener("resize", show);
}
