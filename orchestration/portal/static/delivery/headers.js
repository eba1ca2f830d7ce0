/** What any WhatsApp header may look like, and the one shape of it that a file's own headers have.
 *
 * The grammar is the restricted side's (`assets/restricted/collection/whatsapp`), word for word.
 */
import { ENCRYPTION, ENCRYPTION_WITH_YOU, ERAS_AFTER, ERAS_BEFORE, INVISIBLE, LINKS_TO_TIME, MONTHS,
  NEUTRAL, PARTS_OF_DAY, SPACES } from "./header_words.js";

export const SAMPLE = 1 << 18;
const FIRST_LINE_SHARE = 0.2, CRLF_PER_LF = 3, NEARLY_ALL = 0.9;
const MARKS = `[${INVISIBLE}]{0,8}`, SPACE = `[${SPACES}]`;
const EDGES = new RegExp(`^[${INVISIBLE}${SPACES}\\r\\n]+|[${INVISIBLE}${SPACES}\\r\\n]+$`, "gu");
const DROPPED = new RegExp(`[${INVISIBLE}]`, "gu"), PLAIN = new RegExp(SPACE, "gu");

/** Drop invisible marks from a piece of a header and make its spaces plain. */
export const flat = (piece) => piece.replace(DROPPED, "").replace(PLAIN, " ");

/** Without invisible marks and spaces at either end. */
export const bare = (piece) => piece.replace(EDGES, "");

const escaped = (letter) => letter.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
const flexible = (piece) => [...piece].map((one) => (one === " " ? SPACE : escaped(one))).join("")
  .replaceAll("،", `،${MARKS}`);

/** Alternatives, longest first; what they begin with is written once. */
function anyOf(pieces) {
  const begun = new Map();
  for (const piece of pieces) {
    let node = begun;
    for (const letter of piece) {
      if (!node.has(letter)) node.set(letter, new Map());
      node = node.get(letter);
    }
    node.set("", null);
  }
  return waysOn(begun);
}

function waysOn(begun) {
  const ways = [...begun].filter(([letter]) => letter)
    .map(([letter, further]) => flexible(letter) + waysOn(further));
  return ways.length ? `(?:${ways.join("|")})${begun.has("") ? "?" : ""}` : "";
}

const PART = `(?:[AaPp]\\.?${SPACE}?[Mm](?![\\p{L}\\p{N}_])\\.?`
  + `|${anyOf([...Object.keys(PARTS_OF_DAY), ...NEUTRAL])}(?!\\p{L}))`;
const ERA_BEFORE = `(?:${anyOf(Object.keys(ERAS_BEFORE))})${SPACE}?`;
const ERA_AFTER = `${SPACE}(?:${anyOf(Object.keys(ERAS_AFTER))})`;
const MONTH = anyOf(Object.keys(MONTHS));
const D = "\\p{Nd}";
const NUMBERS = `(?<era_a>${ERA_BEFORE})?(?<a>${D}{1,4})${MARKS}(?<mark>${SPACE}?[/.\\-]${SPACE}?)`
  + `${MARKS}(?<b>${D}{1,2})${MARKS}\\k<mark>${MARKS}(?<era_c>${ERA_BEFORE})?(?<c>${D}{1,4})`
  + `(?<tail>\\.(?![0-9])|${SPACE}г\\.|${ERA_AFTER})?`;
const KANJI = `(?<era_k>${ERA_BEFORE})?(?<k>${D}{1,4})[年년]${SPACE}?${D}{1,2}[月월]${SPACE}?`
  + `${D}{1,2}[日일]`;
const NAMED = `(?<named>${D}{1,2}\\.?${SPACE}(?:de${SPACE})?${MONTH}\\.?(?:,?${SPACE}(?:de${SPACE})?`
  + `${D}{4}(?:${SPACE}г\\.)?)?|${MONTH}\\.?${SPACE}${D}{1,2}(?:,${SPACE}${D}{4})?)`;
const DATE = `(?<date>${NUMBERS}|${KANJI}|${NAMED})`;
const TIME = `(?<time>(?<before>${PART}${SPACE}?)?${MARKS}${D}{1,2}(?<clock>[:.]|${SPACE}?h${SPACE}?)`
  + `${D}${D}(?<seconds>\\k<clock>${D}${D})?(?<after>[${SPACES}_]?${MARKS}${PART})?)`;
const LINK = `${MARKS}(?<link>${anyOf(LINKS_TO_TIME)})${MARKS}`;
const CLOSES = {
  true: `${MARKS}(?<close>\\]${SPACE}?)`,
  false: `${MARKS}(?<close>${SPACE}?[\\-–—]${MARKS}${SPACE}|[:;]${SPACE})`,
};

function pattern(bracket, timeFirst) {
  const halves = timeFirst ? `${TIME}${LINK}${DATE}` : `${DATE}${LINK}${TIME}`;
  return new RegExp(`\\n${MARKS}${bracket ? "\\[" : ""}${MARKS}${halves}${CLOSES[bracket]}`, "giu");
}

const PATTERNS = [true, false].flatMap((bracket) => [true, false].map((timeFirst) => (
  { bracket, timeFirst, pattern: pattern(bracket, timeFirst) })));

/** Every line that starts like a header of any form, in order, each with its shape or null. */
export function candidates(text) {
  return PATTERNS.flatMap((one) => headersBy(one, text)).sort((one, other) => one.start - other.start);
}

/** As `candidates`, of the bracket and order of one shape alone. */
export function candidatesLike(shape, text) {
  const found = PATTERNS.find((one) => (
    one.bracket === shape.bracket && one.timeFirst === shape.timeFirst));
  return headersBy(found, text);
}

function headersBy({ bracket, timeFirst, pattern: own }, text) {
  return Array.from(text.matchAll(own), (found) => ({
    start: found.index,
    end: found.index + found[0].length,
    written: found[0],
    date: found.groups.date,
    time: found.groups.time,
    crlf: text[found.index - 1] === "\r",
    shape: shapeOf(found.groups, bracket, timeFirst),
  }));
}

const YEARS = { "4,1": "first_4", "4,2": "first_4", "1,4": "last_4", "2,4": "last_4",
  "1,2": "last_2", "2,2": "last_2" };

function yearPlace(found) {
  if (found.named) return "named";
  const widths = found.k ? [found.k.length, 2] : [found.a.length, found.c.length];
  if (found.era_a || found.era_k) return widths[1] <= 2 ? "first_era" : null;
  if (found.era_c) return widths[0] <= 2 ? "last_era" : null;
  return YEARS[widths] ?? null;
}

function shapeOf(found, bracket, timeFirst) {
  const year = yearPlace(found);
  if (year === null) return null;
  const shape = {
    bracket,
    timeFirst,
    date: found.named ? "named" : found.k ? "kanji" : "numbers",
    sign: flat(found.mark ?? ""),
    year,
    tail: flat(found.tail ?? ""),
    link: flat(found.link),
    clock: flat(found.clock),
    seconds: Boolean(found.seconds),
    part: found.before ? "before" : found.after ? "after" : "none",
    close: bracket ? "] " : flat(found.close),
  };
  return { ...shape, key: JSON.stringify(shape) };
}

/**
 * Learn a file's shape from its beginning.
 *
 * @param {string} text lines, each led by LF or CRLF.
 * @param {boolean} twin whether a Markdown copy lies beside the file, as WhatsApp Web writes one.
 * @returns {{shape: object, crlfLeads: boolean, form: string, opening: string}|null}
 */
export function learn(text, twin) {
  const found = candidates(text).filter((one) => one.shape !== null);
  if (!found.length) return null;
  const tally = new Map();
  for (const { shape } of found) tally.set(shape.key, (tally.get(shape.key) ?? 0) + 1);
  const first = found[0];
  let key = [...tally].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
  const opens = !text.slice(0, first.start).trim();
  if (opens && tally.get(first.shape.key) >= FIRST_LINE_SHARE * found.length) key = first.shape.key;
  const own = found.filter((one) => one.shape.key === key);
  const crlf = own.filter((one) => one.crlf).length;
  const opening = text.slice(0, own[0].start);
  return {
    shape: own[0].shape,
    crlfLeads: crlf >= CRLF_PER_LF * Math.max(own.length - crlf, 1),
    form: formOf(own, opening, twin),
    opening,
  };
}

const NUMBER = "(?:[1-9]|1[0-9]|[23][0-9])";
const SHORT_DATE = `${NUMBER}/${NUMBER}/[0-9]{2}`;
const WEB = new RegExp(
  `^\\n\\ufeff?\\[${SHORT_DATE}, (?:[1-9]|1[0-2]):[0-5][0-9]:[0-5][0-9] [AP]M\\] ?$`);
const AMERICAN = new RegExp(
  `^\\n\\[?${SHORT_DATE}, (?:[1-9]|1[0-2]):[0-5][0-9](?::[0-5][0-9])? ?[AP]M(?:\\] ?| [-–—] )$`);

function formOf(own, opening, twin) {
  const headers = own.map((one) => one.written);
  const nearly = (tried, of) => of.filter((one) => tried.test(one)).length >= NEARLY_ALL * of.length;
  const signed = twin || opensWithEncryption(firstLine(opening), ENCRYPTION);
  if (signed && WEB.test(headers[0])) return "web";
  if (nearly(WEB, headers)) return "either";
  return nearly(AMERICAN, headers.map((one) => `\n${flat(one).replace(/^\n/, "")}`))
    ? "american" : "phone";
}

/** Whether the exporting member may stand in a file as a name that nobody has. */
export function hidesExporter({ form, opening }) {
  const line = firstLine(opening);
  if (!["web", "either"].includes(form) || (form === "either" && !line)) return false;
  return !ENCRYPTION_WITH_YOU.some((wording) => line.startsWith(wording));
}

/** The undated first line, if it is WhatsApp's notice of encryption; else nothing. */
export function noticeOf(opening) {
  const line = firstLine(opening);
  return opensWithEncryption(line, ENCRYPTION) ? line : "";
}

/** Whether a line begins as a notice of encryption in a listed wording. */
export const isKnownEncryption = (line) => opensWithEncryption(bare(line), ENCRYPTION);

function opensWithEncryption(line, wordings) {
  return wordings.some((wording) => line.startsWith(wording)
    && /^(?:[.。।,،、，:]| –|$)/u.test(line.slice(wording.length)));
}

const firstLine = (opening) => bare(bare(opening).split("\n")[0]);
