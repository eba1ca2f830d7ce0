/** A canonical export, cut to the days that may be delivered.
 *
 * Its records are written again as they are. Of earlier days there stays one label for each way a
 * sender is shown, the two sentences to Tideline, names that are mentioned, for the scrubber, and that
 * a message was since deleted or edited.
 */
import { Before, dayOfSecond, namesIn } from "./before.js";
import { isSaid } from "./cut.js";
import { lineBlocks } from "./lines.js";
import { Refused } from "./refused.js";
import { bytesOf } from "./streams.js";

const FUTURE_DAYS = 1;
const OFFSET = /(?:Z|[+-]\d\d:?\d\d)$/i;
// Stands where what was edited stood, for an edited message without words would not be one.
const EDITED = "-";
const LEFT_OUT = "blockquote, style, script, attachment, title";
const TYPED = ["speech", "edited"], CHANGED = ["deleted", "edited"];

/** As `cut`. */
export async function cutCanonical({ open }, { from, to = Infinity, today }) {
  const days = { from, to, today };
  const decided = await decide(open, days);
  const stream = () => bytesOf(pieces(open, decided, days));
  const again = await decide(async () => stream(), days);
  if (again.kept !== decided.kept) throw new Refused("READS_OTHERWISE");
  return { stream, kept: decided.kept, senders: again.senders, you: null };
}

async function decide(open, { from, to, today }) {
  const before = new Before(), senders = new Set();
  let kept = 0, head = null;
  for await (const one of lines(open)) {
    if (one.index === 0) head = one;
    else if (one.day < from) noteBefore(before, one);
    else if (one.day <= to) {
      if (one.day > today + FUTURE_DAYS) throw new Refused("FUTURE");
      if (one.own.kind !== "system") kept += 1;
    }
    if (one.index && one.own.kind !== "system") senders.add(shownAs(one.own));
  }
  if (!kept) throw new Refused("NOTHING_NEW");
  return { kept, head, before, senders: senders.size };
}

const shownAs = (own) => JSON.stringify([own.sender ?? null, own.name ?? null]);

function noteBefore(before, one) {
  const { own } = one, { id, at, sender, name, also_named, bot } = own;
  const text = own.html ? plain(own.text) : own.text ?? "";
  const person = own.kind !== "system" && !bot && (sender || name);
  if (person) before.name(namesIn(text));
  const said = person && TYPED.includes(own.kind ?? "speech") && isSaid(text);
  if (said) before.keep(one.index, one.written);
  // What was since deleted or edited voids what another export, or another record, says of it.
  const changed = CHANGED.includes(own.kind) && !bot && id != null;
  const shown = { at, sender, name, also_named, bot };
  const left = said ? one.written : JSON.stringify(changed
    ? { id, ...shown, kind: own.kind, text: own.kind === "edited" ? EDITED : "" } : { ...shown, kind: person ? "media" : "system" });
  if (changed || said) before.keep(one.index, left);
  before.sender(`${shownAs(own)} ${Boolean(person)}`, one, () => left);
}

async function* pieces(open, { head, before }, { from, to }) {
  yield `${head.written}\n`;
  const [name, ...also_named] = before.names;
  if (name !== undefined)
    yield `${JSON.stringify({ at: head.own.from, name, also_named, kind: "system" })}\n`;
  for await (const one of lines(open)) {
    if (!one.index) continue;
    const own = one.day >= from && one.day <= to ? one.written : before.written.get(one.index);
    if (own !== undefined) yield `${own}\n`;
  }
}

async function* lines(open) {
  let index = -1;
  for await (const block of lineBlocks(await open()))
    for (const line of block.split("\n")) {
      const written = line.replace(/^\ufeff/, "").trim();
      if (!written) continue;
      index += 1;
      const own = parsed(written);
      yield { index, written, own, day: index ? dayOfSecond(secondOf(own)) : null };
    }
}

function secondOf({ at }) {
  const stamp = typeof at === "string" && OFFSET.test(at) ? Date.parse(at) : NaN;
  if (Number.isNaN(stamp)) throw new Refused("JSON_DAMAGED");
  return Math.floor(stamp / 1000);
}

function plain(html) {
  // A document of its own, of which nothing is run or fetched.
  const { body } = new DOMParser().parseFromString(html ?? "", "text/html");
  for (const one of body.querySelectorAll(LEFT_OUT)) one.remove();
  for (const one of body.querySelectorAll("at")) one.textContent = `@\u2068${one.textContent}\u2069`;
  return body.textContent;
}

function parsed(written) {
  try {
    const own = JSON.parse(written);
    if (own && typeof own === "object") return own;
  } catch {
    // Told below.
  }
  throw new Refused("JSON_DAMAGED");
}
