// The search worker. It takes the place of the theme's and speaks the same messages; the theme shows
// what it finds. Text is a row of tokens: words, and single Chinese characters. A Chinese word is
// found as a row of neighbours, like an English phrase, so nothing need be cut into words beforehand.
// A query is cut: into the terms of the glossary, which bring their other names and those in the other
// language; what is left of Chinese, into pairs of characters.
"use strict";

const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3];
const TOKEN = /\p{Script=Han}|['’]s(?![\p{L}\p{N}])|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+(?:\.\p{N}+)*|[∀-⋿‖\n，。、；：！？]/gu;
const HAN = /\p{Script=Han}/u;
const WORD = /[\p{L}\p{N}∀-⋿‖]/u; // of signs those of mathematics, which the glossary knows: ∇
const ASKING = /请问|为什么|为何|为啥|什么是|是什么|什么|怎么办|怎么|怎样|如何|能不能|是不是|哪[个些里]|[的了吗呢吧]/gu;
const SENTENCE_END = /(?:[。！？\n]|[.!?:]\s)$/;
const STOP = new Set(
  ("a an and are as at be by can could do does for from had has have how i if in into is it its my of on or s " +
    "should so that the then there these this to vs was we what when where which why will with you").split(" "),
);

// English endings, taken off in this order; what remains is a key and need not be a word.
const ENDINGS = [
  [/(?<=.{3})iz(?=e|ing|ation)/, "is"], // regularize, regularise
  [/(?<=..)our(?=s|ed|al|ing|$)/, "or"], // behaviour
  [/ies$/, "y"],
  [/ices$/, "ic"], // matrices, and below: matrix
  [/([xs])[ei]s$/, "$1"],
  [/([^sui])s$/, "$1"],
  [/im(a|um|al)$/, "im"], // minima, minimum
  [/^(.*[aeiouy].+)(?<!p)ly$/, "$1"],
  [/^(?=.{3,}(?:ing|ed)$)(.*[aeiouy].*)(?:ing|(?<!e|emb)ed)$/, "$1"],
  [/([^aeioulsz])\1$/, "$1"], // embedd(ing)
  [/ability$/, "able"],
  [/^(.{4,})(?:ity|able)$/, "$1"],
  [/ical$/, "ic"],
  [/[ei]x$/, "ic"],
  [/e$/, ""],
  [/at(?:ion|or|iv)$/, "at"],
  [/^(.{4,})at$/, "$1"], // differentiat(e), differenti(able)
  [/plic$/, "pli"], // multiplic(ation), multiply
  [/([st])ion$/, "$1"],
  [/^(.{5,})(?:enc|anc|ent|ant)$/, "$1"],
  [/^(.{5,})er$/, "$1"],
  [/y$/, "i"],
];

const stem = (word) =>
  word.length < 3 || /[^a-z]/.test(word)
    ? word
    : ENDINGS.reduce((key, [ending, instead]) => key.replace(ending, instead), word);

/** The tokens of a text and where they begin; null is a gap that no phrase bridges. */
function tokens(text) {
  const found = [...text.toLowerCase().matchAll(TOKEN)].filter(([token]) => !/^['’]/.test(token));
  return found.map(({ 0: token, index }) => ({ token: WORD.test(token) ? token : null, start: index }));
}

const words = (text) => tokens(text).flatMap(({ token }) => token ?? []);

/** HTML of the index as text, and which ranges of it are code, and which of these are cells. */
function plain(html) {
  const code = [];
  const cells = [];
  let text = "";
  let depth = 0;
  for (const [piece, close, tag] of html.matchAll(/<(\/?)([a-z0-9]+)>|[^<]+/g)) {
    if (!tag) {
      text += piece.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
      continue;
    }
    const isCode = tag === "code" || tag === "pre";
    if (isCode && close && --depth === 0) code.at(-1)[1] = text.length;
    if (!["code", "sub", "sup"].includes(tag) && !text.endsWith("\n")) text += "\n";
    if (isCode && !close && ++depth === 1) code.push([text.length, text.length]);
    if (tag === "pre" && !close) cells.push(code.at(-1));
  }
  return { text, code, cells };
}

/** How many letters to insert, delete, replace or swap with a neighbour to turn one word into another. */
function distance(one, other) {
  let before = [];
  let last = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (one[i - 1] !== other[j - 1]));
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[other.length];
}

/** The number of errors in one word, if it may be a misspelling of the other: one, in a long word two. */
function isMisspelt(one, other) {
  const allowed = one.length < 8 ? 1 : 2;
  if (one[0] !== other[0] || Math.abs(one.length - other.length) > allowed) return 0;
  const errors = distance(one, other);
  return errors <= allowed ? errors : 0;
}

/** All sections as one row of tokens, and where each token stands in it. */
class Index {
  row = [];
  starts = []; // of each token in its text
  owners = []; // the section of each token
  places = new Map();
  stems = new Map();
  terms = new Map(); // first stem of a name -> the name, its stems and the other names

  constructor({ config, docs }) {
    this.sections = docs.map((doc, order) => this.#add(doc, order));
    this.usual = this.row.length / docs.length; // length of a section
    this.variants = new Map((config.variants ?? []).map(([usual, variant]) => [variant, usual]));
    for (const token of this.places.keys()) push(this.stems, stem(token), token);
    for (const names of config.terms ?? []) this.#know(names.map(words));
  }

  #add(doc, order) {
    const section = { doc, order, page: doc.location.split("#")[0], title: plain(doc.title), text: plain(doc.text) };
    const from = this.row.length;
    this.#append(section, section.title.text);
    section.body = this.row.length;
    this.#append(section, section.text.text);
    section.titleLength = this.row.slice(from, section.body - 1).filter((token) => !STOP.has(token)).length || 1;
    section.length = this.row.length - from;
    return section;
  }

  #append(section, text) {
    for (const { token, start } of [...tokens(text), { token: null, start: text.length }]) {
      if (token !== null) push(this.places, token, this.row.length);
      this.row.push(token);
      this.starts.push(start);
      this.owners.push(section);
    }
  }

  #know(names) {
    for (const name of names) {
      const others = names.filter((other) => other !== name);
      push(this.terms, stem(name[0]), { name, stems: name.map(stem), others });
    }
  }

  /** The longest name that these words begin with; of terms that share it, all other names. */
  term(asked) {
    const stems = asked.map(stem);
    const begun = (this.terms.get(stems[0]) ?? []).filter((term) => term.stems.every((s, i) => s === stems[i]));
    const size = Math.max(...begun.map((term) => term.stems.length));
    const longest = begun.filter((term) => term.stems.length === size);
    if (longest.length) return { size, others: longest.flatMap((term) => term.others) };
    return HAN.test(stems[0]) ? this.#almost(stems) : undefined;
  }

  /** A name of Chinese that these characters begin with but for a wrong one: 反向传波. */
  #almost(asked) {
    for (const { stems: name, others } of [...this.terms.values()].flat()) {
      const size = name.length;
      if (size < 4 || asked.length < size) continue;
      const right = name.filter((char, i) => char === asked[i]).length;
      if (right === size - 1 && !this.find(asked.slice(0, size)).size) return { size, others: [name, ...others] };
    }
  }

  /** The two words of one that stands nowhere, where they are a name or neighbours: batchsize. */
  split(word) {
    const isBegun = (token) => token.startsWith(word);
    if (word.length < 6 || word.length > 40 || HAN.test(word) || this.stems.has(stem(word))) return [word];
    if ([...this.places.keys()].some(isBegun)) return [word]; // it may be typed just now
    for (let at = 2; at < word.length - 1; at++) {
      const two = [word.slice(0, at), word.slice(at)];
      const stand = two.every((part) => this.stems.has(stem(part)));
      if (this.term(two)?.size === 2 || (stand && this.find(two).size)) return two;
    }
    const names = [...this.terms.values()].flat().map((term) => term.name);
    return names.find((name) => name.length > 1 && isMisspelt(word, name.join(""))) ?? [word];
  }

  /** The tokens that a word may stand for, and how well each does. */
  #meant(word, isPrefix) {
    const meant = new Map();
    if (isPrefix && word.length > 1 && !HAN.test(word)) {
      for (const token of this.places.keys()) {
        if (token.startsWith(word)) meant.set(token, (0.6 * word.length) / token.length);
      }
    }
    for (const token of this.stems.get(stem(word)) ?? []) meant.set(token, 0.85);
    if (this.places.has(word)) meant.set(word, 1);
    return meant.size ? meant : this.#misspelt(word);
  }

  /** The tokens that a word found nowhere may be a misspelling of: one error, or two in a long word. */
  #misspelt(word) {
    const near = new Map();
    if (word.length < 4 || /[^a-z]/.test(word)) return near;
    for (const token of this.places.keys()) {
      const errors = token.length < 4 ? 0 : isMisspelt(word, token);
      if (errors) near.set(token, 0.6 / errors);
    }
    return near;
  }

  /** Where words stand side by side: section -> hits; the last word may be the beginning of one. */
  find(asked, isPrefix) {
    const found = this.add(new Map(), asked, isPrefix && asked.length === 1);
    return found.size || !isPrefix ? found : this.add(found, asked, true);
  }

  add(found, asked, isPrefix = false, weight = 1) {
    const meant = asked.map((word, i) => this.#meant(word, isPrefix && i === asked.length - 1));
    for (const [token, first] of meant[0]) {
      for (const at of this.places.get(token)) {
        let quality = first;
        for (let i = 1; i < asked.length && quality; i++) {
          quality = Math.min(quality, meant[i].get(this.row[at + i]) ?? 0);
        }
        if (!quality) continue;
        const section = this.owners[at];
        const last = at + asked.length - 1;
        push(found, section, {
          inTitle: at < section.body,
          inCell: quality * weight === 1 && at >= section.body && within(section.text.cells, this.starts[at]),
          start: this.starts[at],
          end: this.starts[last] + this.row[last].length,
          size: asked.length,
          quality: quality * weight,
        });
      }
    }
    return found;
  }
}

function push(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** What a query asks for: units that a good section has all of, and extras that only add. */
class Query {
  units = [];

  constructor(index, text) {
    this.index = index;
    const variants = (char) => index.variants.get(char) ?? char; // 矩陣: 矩阵
    this.text = Array.from(text.normalize("NFKC").toLowerCase(), variants).join("");
    const whole = this.#tokens(this.text).map(({ token }) => token);
    this.hasContent = whole.some((token) => token && !STOP.has(token));
    let row = [];
    const asked = this.text.replace(ASKING, (word) => "\n".repeat(word.length)); // places stay the same
    for (const entry of [...this.#tokens(asked), { token: null }]) {
      if (entry.token !== null) row.push(entry);
      else {
        this.#cutAll(row);
        row = [];
      }
    }
    if (!this.units.length) this.#add(whole.filter(Boolean)); // "怎么" alone
    if (this.units.length > 1 && !whole.includes(null)) this.#add(whole, { isExtra: true });
  }

  #tokens(text) {
    return tokens(text).flatMap(({ token, start }) => {
      const [one, two] = token ? this.index.split(token) : [token];
      return two ? [{ token: one, start }, { token: two, start: start + one.length }] : [{ token, start }];
    });
  }

  /** Cut a row of tokens into units; those side by side are looked for side by side as well. */
  #cutAll(row) {
    let before; // where the last unit of content began
    for (let at = 0, size; at < row.length; at += size) {
      size = this.#cut(row.slice(at));
      if (STOP.has(row[at].token)) continue;
      const two = row.slice(before, at + size).map(({ token }) => token);
      if (before !== undefined) this.#add(two, { share: 0.3, isExtra: true });
      before = at;
    }
  }

  /** Take the first unit off a row of tokens; returns how many tokens it has. */
  #cut(row) {
    const asked = row.map(({ token }) => token);
    const term = this.index.term(asked);
    if (term) {
      const name = asked.slice(0, term.size);
      this.#add(name, { others: term.others });
      this.#addParts(name);
      return name.length;
    }
    if (HAN.test(asked[0])) {
      let size = 1;
      while (size < row.length && HAN.test(asked[size]) && !this.index.term(asked.slice(size))) size++;
      const run = asked.slice(0, size);
      if (size < 3) this.#add(run);
      else {
        for (let i = 0; i + 1 < size; i++) this.#add(run.slice(i, i + 2), { share: 0.6 });
        this.#add(run, { isExtra: true });
      }
      return size;
    }
    let size = 1; // zero_grad, one-hot: parts of one name
    while (size < row.length && this.#isJoined(row[size - 1], row[size])) size++;
    const name = asked.slice(0, size);
    const joined = asked.slice(0, Math.max(2, size)).join("");
    const isWord = joined !== name[0] && this.index.places.has(joined); // data loader: DataLoader
    if (size > 1 || !this.hasContent || !STOP.has(name[0])) {
      this.#add(name, { others: isWord ? [[joined]] : [] });
      this.#addParts(name);
    }
    return size;
  }

  #isJoined(one, other) {
    const between = this.text.slice(one.start + one.token.length, other.start);
    return /^[_.-]$/.test(between) || (!between && /^[a-z]/.test(other.token));
  }

  #addParts(name) {
    if (name.length < 2) return;
    if (HAN.test(name[0])) {
      for (let i = 0; name.length > 2 && i + 1 < name.length; i++) {
        this.#add(name.slice(i, i + 2), { share: 0.3, isExtra: true });
      }
    } else {
      for (const word of name) if (!STOP.has(word)) this.#add([word], { share: 0.3, isExtra: true });
    }
  }

  #add(asked, { others = [], share = 1, isExtra = false } = {}) {
    const text = asked.join(HAN.test(asked[0]) ? "" : " ");
    if (!text || this.units.some((unit) => unit.text === text)) return;
    const found = this.index.find(asked, !isExtra);
    for (const other of others) this.index.add(found, other, false, 0.7);
    const { length } = this.index.sections;
    const weight = share * Math.log(1 + (length - found.size + 0.5) / (found.size + 0.5));
    this.units.push({ text, found, weight, isExtra });
  }
}

/** Pages with their sections, the best first. */
function rank(index, query) {
  const units = query.units.filter((unit) => unit.found.size);
  const main = units.filter((unit) => !unit.isExtra);
  const all = sum((main.length ? main : units).map((unit) => unit.weight));
  const heads = new Map(index.sections.map((section) => [section.page, section]).reverse());
  const pages = new Map();
  for (const section of new Set(units.flatMap((unit) => [...unit.found.keys()]))) {
    const head = heads.get(section.page);
    let score = 0;
    let covered = 0;
    for (const { found, weight, isExtra } of units) {
      const hits = found.get(section) ?? [];
      // Prose explains the words asked for; cells only use them.
      const inText = sum(hits.filter((hit) => !hit.inTitle).map((hit) => hit.quality * (hit.inCell ? 0.4 : 1)));
      const inTitle = titled(hits, section) || 0.3 * titled(found.get(head) ?? [], head);
      score += weight * (inTitle + inText / (inText + 0.5 + (0.7 * section.length) / index.usual));
      if (hits.length || inTitle) covered += weight * (isExtra ? 0.3 : 1);
    }
    score *= Math.min(1, covered / all) * (section.doc.boost ?? 1);
    score *= 1 - 0.01 * Math.min(30, section.order - head.order); // first the explanation, then exercises
    push(pages, section.page, { section, score });
  }
  const groups = [...pages.values()].map((found) => {
    found.sort((a, b) => b.score - a.score);
    const head = heads.get(found[0].section.page);
    return { head, found, score: sum(found.map(({ score }, i) => score * 0.3 ** i)) };
  });
  groups.sort((a, b) => b.score - a.score);
  const isGood = ({ score }) => score > groups[0].score / 20;
  return groups
    .filter((group, i) => i < 2 || isGood(group))
    .map((group) => ({ ...group, found: group.found.filter((section, i) => !i || isGood(section)) }));
}

const within = (ranges, at) => ranges.some(([start, end]) => start <= at && at < end);
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** How much a title says of a unit: the more, the less else it says. */
function titled(hits, section) {
  const inTitle = hits.filter((hit) => hit.inTitle);
  if (!inTitle.length) return 0;
  return Math.max(...inTitle.map(({ quality, size }) => quality * (1 + (2.5 * size) / section.titleLength)));
}

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** A part of a text as HTML: code as code, and the hits marked. */
function marked({ text, code }, hits, from = 0, to = text.length) {
  const marks = hits.filter((hit) => from <= hit.start && hit.end <= to).map(({ start, end }) => [start, end]);
  const inside = [...code, ...marks].flat().filter((at) => from < at && at < to);
  const cuts = [...new Set([from, ...inside, to])].sort((a, b) => a - b);
  const pieces = cuts.slice(1).map((end, i) => {
    const start = cuts[i];
    let html = escape(text.slice(start, end));
    if (within(marks, start)) html = `<mark>${html}</mark>`;
    return within(code, start) ? `<code>${html.replaceAll("\n", "<br>")}</code>` : html;
  });
  return pieces.join("").replaceAll("</code><code>", "").replaceAll("</mark><mark>", "");
}

/** The part of a section that says most of what was asked, from the beginning of a sentence. */
function excerpt({ text: field }, hits) {
  const { text } = field;
  const room = HAN.test(text.slice(0, 200)) ? 110 : 220;
  const from = beginning(text, densest(hits.slice(0, 200), room * 0.7, field.code), room * 0.3);
  const to = ending(text, from, room, hits.filter(({ end }) => end <= from + room).at(-1)?.end ?? from);
  const isSentence = !from || SENTENCE_END.test(text.slice(0, from));
  const isWhole = to === text.length || text[to] === "\n";
  return `${isSentence ? "" : "…"}${marked(field, hits, from, to).trim()}${isWhole ? "" : "…"}`;
}

/** Where the stretch of that size begins that has the most of what was asked. */
function densest(hits, size, code) {
  let best = { start: 0, value: 0 };
  for (const { start } of hits) {
    const near = hits.filter((hit) => start <= hit.start && hit.end <= start + size);
    let value = sum([...new Set(near.map(({ unit }) => unit))].map(({ weight }) => weight)) + near.length / 100;
    if (code.some(([from, to]) => from <= start && start < to)) value *= 0.6; // prose is read more easily
    if (value > best.value) best = { start, value };
  }
  return best.start;
}

/** Where the sentence begins, or at least a word, if that is not too far back. */
function beginning(text, at, reach) {
  const first = Math.max(0, Math.floor(at - reach));
  for (let from = at; from > first; from--) if (SENTENCE_END.test(text.slice(first, from))) return from;
  if (first === 0) return 0;
  return first + Math.max(0, text.slice(first, at).search(/(?<=\s)\S|\p{Script=Han}/u));
}

/** Where what is shown ends: with the paragraph or line of the last hit, or where there is no room. */
function ending(text, from, room, last) {
  const line = text.indexOf("\n", Math.max(last, from + room / 3));
  if (line >= 0 && line < from + room) return line;
  if (from + room >= text.length) return text.length;
  return from + room - (text.slice(from, from + room).match(/[^\s\p{Script=Han}]*$/u)[0].length % room);
}

/** The words found, which the theme marks on the page, one by one; and those that are missing. */
function termsOf(section, units) {
  const terms = {};
  for (const { text, found } of units.filter(({ isExtra }) => !isExtra)) {
    const hits = found.get(section) ?? [];
    if (!hits.length) terms[text] = false;
    const best = Math.max(...hits.map(({ quality }) => quality));
    for (const { inTitle, start, end } of hits.filter(({ quality }) => quality > 0.8 * best)) {
      const said = (inTitle ? section.title : section.text).text.slice(start, end).toLowerCase();
      for (const word of said.split(/[\s*+:~^-]+/)) if (!STOP.has(word)) terms[word] = true;
    }
  }
  return terms;
}

/** A section as the theme shows it. */
function item({ section, score }, units) {
  const here = units.filter(({ found }) => found.has(section));
  const main = here.filter(({ isExtra }) => !isExtra);
  const hits = (main.length ? main : here)
    .flatMap((unit) => unit.found.get(section).map((hit) => ({ ...hit, unit })))
    .sort((a, b) => a.start - b.start);
  const [inTitle, inText] = [hits.filter((hit) => hit.inTitle), hits.filter((hit) => !hit.inTitle)];
  const terms = termsOf(section, units);
  const html = excerpt(section, inText);
  return { ...section.doc, title: marked(section.title, inTitle).trim(), text: html && `<p>${html}</p>`, score, terms };
}

function search(index, text) {
  const query = new Query(index, text);
  const items = rank(index, query).map(({ head, found, score }) => {
    const scale = score / found[0].score; // the theme takes the highest score for the best
    const shown = found.map(({ section, score }) => item({ section, score: score * scale }, query.units));
    if (!found.some(({ section }) => section === head)) shown.push({ ...head.doc, score: 0, terms: shown[0].terms });
    return shown;
  });
  return { items };
}

let source;
let index;

addEventListener("message", ({ data: { type, data } }) => {
  if (type === SETUP) {
    source = data;
    index = undefined;
    postMessage({ type: READY });
  } else if (type === QUERY) {
    index ??= new Index(source); // most readers of a page never search
    postMessage({ type: RESULT, data: search(index, data) });
  }
});
