// TeX to HTML: one JSON line in, one JSON line out, until stdin ends.
//
//   node render.js <folder of the katex package>
//   out, once    {"ready": "0.16.47"}
//   in           {"formulas": [{"tex": "x^2", "display": false}, …]}
//   out          {"results": [{"html": "…"} or {"error": "…"}, …]}   in the same order
//
// KaTeX runs in a worker thread, so that the main thread sees the end of stdin, and ends the
// process, even while a formula takes forever: no orphan outlives the build.
"use strict";

const path = require("node:path");
const readline = require("node:readline");
const { Worker, isMainThread, parentPort, workerData } = require("node:worker_threads");

// KaTeX prints what it does not trust (\href, \includegraphics) in this colour instead of throwing.
const REFUSED = "#0bad0b";

function main(folder) {
  const worker = new Worker(__filename, { workerData: folder });
  worker.on("message", (answer) => process.stdout.write(JSON.stringify(answer) + "\n"));
  worker.on("error", (error) => {
    console.error(error);
    process.exit(1);
  });
  process.stdout.on("error", () => process.exit(0));
  readline
    .createInterface({ input: process.stdin })
    .on("line", (line) => worker.postMessage(line))
    .on("close", () => process.exit(0));
}

function work(folder) {
  const katex = require(path.join(folder, "dist", "katex.min.js"));
  parentPort.on("message", (line) => parentPort.postMessage(answer(katex, line)));
  parentPort.postMessage({ ready: katex.version });
}

function answer(katex, line) {
  try {
    return { results: JSON.parse(line).formulas.map((formula) => render(katex, formula)) };
  } catch (error) {
    return { error: oneLine(error) };
  }
}

function render(katex, formula) {
  try {
    const html = katex.renderToString(formula.tex, {
      displayMode: formula.display,
      output: "htmlAndMathml",
      throwOnError: true,
      strict: "error",
      trust: false,
      errorColor: REFUSED,
      macros: {}, // its own for each formula: \gdef must not reach the next one
    });
    if (html.includes(REFUSED)) {
      return { error: "Not trusted: a link, a picture or raw HTML (\\href, \\url, \\includegraphics)" };
    }
    return { html: wellFormed(html) };
  } catch (error) {
    return { error: oneLine(error) };
  }
}

// MathML as HTML allows it, where KaTeX's is not: <mi> and <mo> hold text only, so that whole terms
// (of \underset) belong into <mrow>; <msub> has two children, none that applies nothing (x_{\max}).
function wellFormed(html) {
  const open = [];
  const tags = /<mo>\u2061<\/mo>|<(\/?)(m\w+)(?: [^>]*")?>(?=(<\w)?)/g;
  return html.replace(tags, (tag, closing, name, child) => {
    if (!name) return /^m(su[bp]|under|over)/.test(open.at(-1)) ? "" : tag;
    if (closing) return open.pop() === "mrow" ? "</mrow>" : tag;
    const wraps = child && (name === "mi" || name === "mo");
    open.push(wraps ? "mrow" : name);
    return wraps ? "<mrow>" : tag;
  });
}

// KaTeX underlines the spot with combining marks, which logs and terminals garble.
function oneLine(error) {
  const text = String((error && error.message) || error).replace(/^KaTeX parse error: /, "");
  return text.replace(/\u0332/g, "").replace(/\s+/g, " ").trim();
}

if (isMainThread) {
  main(process.argv[2]);
} else {
  work(workerData);
}
