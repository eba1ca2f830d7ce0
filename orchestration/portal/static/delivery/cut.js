/** A WhatsApp text cut to the days that may be delivered, so that it reads as the whole file does.
 *
 * Of earlier days there stays what the reader needs and nobody typed: for each sender one label at
 * their first day, with WhatsApp's own marker for left-out media in place of what they wrote; the
 * lines of WhatsApp's own that name people; and the two sentences to Tideline itself. Whatever can't
 * be told for certain is refused.
 */
import { tells } from "./dates.js";
import { entries, planOf } from "./entries.js";
import { bare, candidates, isKnownEncryption, noticeOf } from "./headers.js";
import { ENCRYPTED, EXPORTER, EXPORTER_OF_PHONE, SENTENCES } from "./header_words.js";
import { Refused } from "./refused.js";
import { bytesOf } from "./streams.js";

/** Stands where a sender's first message stood; the reader counts it as media. */
export const LABEL = "<Media omitted>";

const LATE = 10, FUTURE_DAYS = 1;
const LONGEST_NAME = 120, LONGEST_NOTICE = 300, LONGEST_SENTENCE = 400, LONGEST_MESSAGE = 1 << 17;
const MOST_KEPT_OF_BEFORE = 50_000, ENTRIES_PER_QUOTE = 20, SHORTEST_ENCRYPTION = 40;
const LED = /^[\u200e\u200f]/, FILE_OR_LINK = /:\/\/|\.[\p{L}\p{N}]/u;
const EDITED = /[\s\u200e\u200f]*<[^<>\n]{2,60}>\s*$/u;
const SAYS_ENCRYPTED = new RegExp(ENCRYPTED, "iu");
const letters = (text) => text.normalize("NFKD").toLowerCase().replace(/\P{L}+/gu, "");
const SAID = new Set(SENTENCES.map(letters));

/**
 * Look through a whole chat text and decide what of it may be delivered.
 *
 * @param {{open: () => Promise<ReadableStream>, twin: boolean}} chat
 * @param {{from: number, to?: number, today: number}} days counted from 1970: the first and last
 *   that may be delivered, and today.
 * @returns {Promise<{stream: () => ReadableStream, kept: number, senders: number, you: string|null}>}
 *   the cut text, which can be had any number of times; `you` stands in it as a sender in place of
 *   the name of who exported it.
 * @throws {Refused} with a code of `WHY`.
 */
export async function cut(chat, { from, to = Infinity, today }) {
  const plan = await planOf(chat.open, chat.twin);
  const decided = await decide(chat.open, plan, { from, to, today });
  const open = () => bytesOf(pieces(chat.open, plan, decided, { from, to }));
  await mustReadAlike(open, plan, decided, { from, to, today });
  return { stream: open, kept: decided.kept, senders: decided.senders, you: decided.you };
}

async function decide(open, plan, { from, to, today }) {
  const before = new Before(plan);
  const labels = new Set(
    ["web", "either"].includes(plan.form) ? EXPORTER : EXPORTER_OF_PHONE);
  let kept = 0, quotes = 0, latest = -Infinity, you = null;
  for await (const one of entries(open, plan)) {
    const late = latest - one.minute >= LATE;
    if (one.day < from) {
      // A quoted header, or a message so late that only the whole file tells it from one.
      if (kept && late) throw new Refused("OUT_OF_ORDER");
      before.note(one, late);
    } else if (one.day <= to) {
      if (one.day > today + FUTURE_DAYS) throw new Refused("FUTURE");
      if (one.body.length > LONGEST_MESSAGE) throw new Refused("LINE_TOO_LONG");
      kept += 1;
      before.heed(one.date);
      quotes += candidates(one.body).length;
      const name = bare(one.body.slice(0, Math.max(one.body.indexOf(": "), 0)));
      if (labels.has(name)) you ??= name;
    }
    before.nameOf(one);
    latest = Math.max(latest, one.minute);
  }
  if (!kept) throw new Refused("NOTHING_NEW");
  if (quotes > 1 + Math.floor(kept / ENTRIES_PER_QUOTE)) throw new Refused("FORMS_MIXED");
  before.close();
  return { kept, written: before.written, senders: before.senders, you };
}

/** What stays of the days before, by entry. */
class Before {
  constructor(plan) {
    this.written = new Map();
    this._plan = plan;
    this._named = new Set();
    this._seconds = new Map();
    this._title = null;
    this._ofTitle = [];
    this._labels = new Map();
    this._typed = new Set();
    this._telling = null;
    this._told = false;
    this._begun = false;
  }

  get senders() {
    return this._named.size;
  }

  note(one, late) {
    const body = one.body.replaceAll("\r\n", "\n").replace(/\n+$/, "");
    const [line, ...more] = body.split("\n");
    const at = line.indexOf(": ");
    const written = line.slice(0, Math.max(at, 0)), name = bare(written);
    const text = at < 0 ? "" : body.slice(at + 2);
    this._learnTitle(name, text);
    if (!late && this._isNotice(line, more.length > 0, name, text)) {
      this._keep(one, body);
      if (name && name === this._title) this._ofTitle.push(one.index);
    } else if (name && name.length <= LONGEST_NAME) {
      if (isSaid(text)) {
        this._keep(one, body);
        if (!late) this._named.add(name);
      } else if (!late) {
        const label = `${written}: ${LABEL}`;
        // One more label, should no date that stays show the order of all.
        if (tells(one.date, this._plan.order))
          this._telling = [one.index, one.lead + one.head + label];
        if (!this._named.has(name)) {
          this._named.add(name);
          this._keep(one, label);
          this._labels.set(name, one.index);
        }
      }
    }
  }

  /** Note who types at all, and what stands before a second colon, for a name may hold the first. */
  nameOf(one) {
    const line = one.body.split("\n", 1)[0], [first, second] = line.split(": ", 3);
    if (second !== undefined && !LED.test(line.slice(first.length + 2))) this._typed.add(bare(first));
    const more = line.split(": ").length > 2;
    const known = this._seconds.get(first);
    if (known === undefined) this._seconds.set(first, more ? second : null);
    else if (known !== null && (!more || known !== second)) this._seconds.set(first, null);
  }

  /** Note that a date which stays may show the order of all. */
  heed(date) {
    this._told ||= tells(date, this._plan.order);
  }

  close() {
    // Who types is no group's title, and what only leads lines with a mark may be one.
    if (this._typed.has(this._title)) for (const index of this._ofTitle) this.written.delete(index);
    if (this._plan.shape.bracket && this._title === null)
      for (const [name, index] of this._labels)
        if (!this._typed.has(name)) this.written.delete(index);
    if (this._telling !== null && !this._told) {
      this.written.set(...this._telling);
    }
    for (const second of this._seconds.values())
      if (second && /[?!]$/.test(second)) throw new Refused("NAME_WITH_COLON");
  }

  _keep(one, body) {
    if (this.written.size >= MOST_KEPT_OF_BEFORE) throw new Refused("TOO_MANY_NOTICES");
    this.heed(one.date);
    const ends = one.lead === "\r\n" && !this._plan.crlfLeads ? body.replaceAll("\n", "\r\n") : body;
    this.written.set(one.index, one.lead + one.head + ends);
  }

  _learnTitle(name, text) {
    if (this._begun) return;
    this._begun = true;
    const line = text.replace(LED, "");
    const encryption = isKnownEncryption(line)
      || (LED.test(text) && line.length >= SHORTEST_ENCRYPTION && SAYS_ENCRYPTED.test(line));
    if (name && this._plan.shape.bracket && encryption && !line.includes("\n")) this._title = name;
  }

  /** Whether a line is WhatsApp's own, in a form in which no person can write one. */
  _isNotice(line, several, name, text) {
    if (several || line.length > LONGEST_NOTICE) return false;
    if (["web", "either"].includes(this._plan.form) && line.startsWith("- ")) return true;
    if (!/[:：]/.test(line)) return Boolean(line);
    return name !== "" && name === this._title && LED.test(text) && !FILE_OR_LINK.test(text);
  }
}

/** Whether a message is one of the two sentences to Tideline. */
export function isSaid(text) {
  return text.length <= LONGEST_SENTENCE && SAID.has(letters(text.replace(EDITED, "")));
}

async function* pieces(open, plan, decided, { from, to }) {
  let first = true;
  const opening = noticeOf(plan.opening);
  if (opening) {
    first = false;
    yield opening;
  }
  for await (const one of entries(open, plan)) {
    const own = one.day >= from && one.day <= to
      ? one.lead + one.head + one.body : decided.written.get(one.index);
    if (own === undefined) continue;
    yield first ? own.slice(one.lead.length) : own;
    first = false;
  }
}

/** Read the cut text as anyone would who has it alone, and refuse it where that differs. */
async function mustReadAlike(open, plan, decided, { from, to, today }) {
  const alone = await planOf(async () => open(), false);
  const alike = ["form", "order", "crlfLeads"].every((one) => alone[one] === plan[one])
    && alone.shape.key === plan.shape.key;
  if (alone.order !== plan.order) throw new Refused("DATE_ORDER");
  const again = await decide(async () => open(), alone, { from, to, today });
  if (!alike || again.kept !== decided.kept) throw new Refused("READS_OTHERWISE");
}
