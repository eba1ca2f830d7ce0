/** A chat text as entries, cut at the headers of one learned shape. */
import { dayOf, dayOrder, dateNumbers, minutesOf } from "./dates.js";
import { SAMPLE, candidatesLike, hidesExporter, learn } from "./headers.js";
import { lineBlocks } from "./lines.js";
import { Refused } from "./refused.js";

const LONGEST_ENTRY = 4 << 20;
const MINUTES_A_DAY = 1440;

/**
 * Learn how a whole chat text is written: the shape of its headers, and the order of its dates.
 *
 * @param {() => Promise<ReadableStream>} open opens the text at its first byte, any number of times.
 * @param {boolean} twin as in `learn`.
 * @throws {Refused} if that can't be told for certain.
 */
export async function planOf(open, twin) {
  let sample = "";
  for await (const block of lineBlocks(await open())) {
    sample += block;
    if (sample.length >= SAMPLE) break;
  }
  if (!sample.trim()) throw new Refused("EMPTY");
  const plan = learn(sample, twin);
  if (plan === null) throw new Refused("NO_CHAT");
  if (hidesExporter(plan)) throw new Refused("EXPORTER");
  const dates = new Set();
  let headers = 0, ledOtherwise = 0;
  for await (const block of lineBlocks(await open()))
    for (const one of candidatesLike(plan.shape, block)) {
      if (one.shape?.key !== plan.shape.key) continue;
      headers += 1;
      if (plan.crlfLeads && !one.crlf) ledOtherwise += 1;
      else dates.add(one.date);
    }
  if (ledOtherwise * 3 > headers - ledOtherwise) throw new Refused("FORMS_MIXED");
  if (plan.shape.year === "named" && [...dates].some((one) => !dateNumbers(one)?.[2]))
    throw new Refused("NO_YEAR");
  const order = dayOrder(plan.shape, dates, plan.form);
  if (order === "unsure") throw new Refused("DATE_ORDER");
  return { ...plan, order };
}

/**
 * Give a chat text's entries in file order.
 *
 * @param {() => Promise<ReadableStream>} open
 * @param {object} plan of `planOf`.
 * @yields {{index: number, lead: string, head: string, body: string, date: string, day: number,
 *   minute: number}} `day` counts from 1970, `minute` from the same moment; line ends as written.
 */
export async function* entries(open, plan) {
  const days = new Map(), times = new Map();
  const known = (cache, written, read) => {
    if (!cache.has(written)) cache.set(written, read(written));
    return cache.get(written);
  };
  let held = null, index = 0;
  for await (const block of lineBlocks(await open())) {
    let from = 0;
    for (const one of candidatesLike(plan.shape, block)) {
      if (one.shape?.key !== plan.shape.key || (plan.crlfLeads && !one.crlf)) continue;
      const day = known(days, one.date, (written) => dayOf(written, plan.order));
      const minutes = known(times, one.time, minutesOf);
      if (day === null || minutes === null) continue;
      const start = one.crlf ? one.start - 1 : one.start;
      if (held !== null) yield grown(held, block.slice(from, start));
      held = {
        index: (index += 1),
        lead: block.slice(start, one.start + 1),
        head: one.written.slice(1),
        body: "",
        date: one.date,
        day,
        minute: day * MINUTES_A_DAY + minutes,
      };
      from = one.end;
    }
    if (held !== null) grown(held, block.slice(from));
  }
  if (held !== null) yield held;
}

function grown(entry, more) {
  entry.body += more;
  if (entry.body.length > LONGEST_ENTRY) throw new Refused("LINE_TOO_LONG");
  return entry;
}
