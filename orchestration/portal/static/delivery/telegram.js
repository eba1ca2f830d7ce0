/** Telegram Desktop's `result.json`, cut to the days that may be delivered.
 *
 * Of a message nothing is written again but the fields that the restricted side's reader reads, and
 * of files, places and polls only that there was one. Of earlier days there stays one label for each
 * way a sender is shown, the two sentences to Tideline, and names, for the scrubber.
 */
import { Before, dayOfSecond, namesIn } from "./before.js";
import { isSaid } from "./cut.js";
import { chatParts } from "./json_chats.js";
import { Refused } from "./refused.js";
import { bytesOf } from "./streams.js";

const FUTURE_DAYS = 1, DAY = 86_400_000;
const GROUPS = ["private_group", "private_supergroup", "public_supergroup"];
const WHO_AND_WHEN = ["id", "type", "date", "date_unixtime", "from", "from_id"];
const KEPT = [...WHO_AND_WHEN, "edited", "edited_unixtime", "media_type",
  "self_destruct_period_seconds"];
const OF_SERVICE = ["actor", "action", "members", "inviter", "title"];
// Of these the reader asks only whether they are there.
const THERE = { photo: "", file: "", game_title: "", via_bot: "bot", forwarded_from: null,
  saved_from: null, poll: {}, location_information: {}, todo_list: {}, invoice_information: {},
  giveaway_information: {}, paid_stars_amount: 0, reactions: [], inline_bot_buttons: [] };
const NOT_TYPED = ["forwarded_from", "saved_from", "via_bot", "inline_bot_buttons"];

/**
 * The chats of a file: groups, or all where there is none.
 *
 * @param {() => Promise<ReadableStream>} open
 * @returns {Promise<{place: string, title: string}[]>}
 */
export async function telegramChats(open) {
  const found = new Map();
  scanning: for await (const parts of chatParts(await open()))
    for (const { place, key, written } of parts) {
      if (!found.has(place)) found.set(place, { place, title: "", type: "", messages: false });
      const one = found.get(place);
      if (key === undefined) one.messages = true;
      else if (key === "name") one.title = String(JSON.parse(written) ?? "");
      else if (key === "type") one.type = JSON.parse(written);
      if (place === "" && one.messages) break scanning;
    }
  const chats = [...found.values()].filter((one) => one.messages);
  const groups = chats.filter((one) => GROUPS.includes(one.type));
  return groups.length ? groups : chats;
}

/** As `cut`, of one of `telegramChats`. */
export async function cutTelegram({ open, place }, { from, to = Infinity, today }) {
  const days = { from, to, today };
  const decided = await decide(open, place, days);
  const stream = () => bytesOf(pieces(open, place, decided, days));
  const again = await decide(async () => stream(), "", days);
  if (again.kept !== decided.kept) throw new Refused("READS_OTHERWISE");
  return { stream, kept: decided.kept, senders: again.senders, you: null };
}

async function decide(open, place, { from, to, today }) {
  const before = new Before(), senders = new Set(), told = {};
  let kept = 0, first = null;
  for await (const one of messages(open, place, told)) {
    if (one.day < from) {
      first ??= one.own;
      noteBefore(before, one);
    } else if (one.day <= to) {
      if (one.day > today + FUTURE_DAYS) throw new Refused("FUTURE");
      if (one.own.type === "message") kept += 1;
    }
    if (one.own.type === "message") senders.add(shownAs(one.own));
  }
  if (!kept) throw new Refused("NOTHING_NEW");
  return { kept, told, first, before, senders: senders.size };
}

function noteBefore(before, one) {
  const { own } = one;
  if (own.type === "service") {
    before.name([own.actor, own.inviter, own.title, ...(own.members ?? [])]);
    return;
  }
  const { first_name = "", last_name = "" } = own.contact_information ?? {};
  const text = textOf(own);
  before.name([`${first_name} ${last_name}`.trim(), ...("poll" in own ? [] : namesIn(text))]);
  // Bots and channels are no people.
  if ("inline_bot_buttons" in own || /^(channel|chat)/.test(String(own.from_id ?? ""))) return;
  const said = isSaid(text) && !NOT_TYPED.some((name) => name in own);
  if (said) before.keep(one.index, JSON.stringify(reduced(own)));
  before.sender(shownAs(own), one, () => JSON.stringify(
    said ? reduced(own) : { ...only(own, WHO_AND_WHEN), text: "", media_type: "left_out" }));
}

const shownAs = (own) => JSON.stringify([own.from ?? null, own.from_id ?? null]);

async function* pieces(open, place, { told, first, before }, { from, to }) {
  const head = Object.entries(told).map(([key, written]) => `${JSON.stringify(key)}:${written},`);
  yield `{${head.join("")}"messages":[`;
  let comma = "\n";
  if (before.names.size) {
    const names = { type: "service", ...only(first, ["date", "date_unixtime"]) };
    yield comma + JSON.stringify({ ...names, members: [...before.names] });
    comma = ",\n";
  }
  for await (const one of messages(open, place, {})) {
    const own = one.day >= from && one.day <= to
      ? JSON.stringify(reduced(one.own)) : before.written.get(one.index);
    if (own === undefined) continue;
    yield comma + own;
    comma = ",\n";
  }
  yield "\n]}";
}

async function* messages(open, place, told) {
  let index = 0;
  for await (const parts of chatParts(await open()))
    for (const part of parts) {
      if (part.place !== place) continue;
      if (part.key !== undefined) {
        told[part.key] = part.written;
        continue;
      }
      index += 1;
      const own = parsed(part.written);
      // What is of no known type has no words that are read.
      if (own.type === "message" || own.type === "service") yield { index, own, day: dayOf(own) };
    }
}

function dayOf(own) {
  const second = Number(own.date_unixtime ?? NaN);
  if (Number.isInteger(second)) return dayOfSecond(second);
  // Versions before 2021 wrote the clock of the exporting computer alone.
  const day = /^(\d{4}-\d\d-\d\d)T/.exec(own.date ?? "")?.[1];
  const stamp = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(stamp)) throw new Refused("JSON_DAMAGED");
  return stamp / DAY;
}

function reduced(own) {
  const left = only(own, own.type === "service" ? [...KEPT, ...OF_SERVICE] : KEPT);
  for (const [name, value] of Object.entries(THERE))
    if (name in own) left[name] = own[name] === null ? null : value;
  if (own.contact_information)
    left.contact_information = only(own.contact_information, ["first_name", "last_name"]);
  if (typeof own.text === "string") left.text = own.text;
  else if (Array.isArray(own.text))
    left.text = own.text.map((one) => (typeof one === "string" ? one : only(one, ["type", "text"])));
  return left;
}

function textOf(own) {
  if (!Array.isArray(own.text)) return typeof own.text === "string" ? own.text : "";
  return own.text.map((one) => (typeof one === "string" ? one
    : one.type === "mention_name" ? `@\u2068${String(one.text).replace(/^@+/, "")}\u2069`
      : String(one.text ?? ""))).join("");
}

function only(own, names) {
  return Object.fromEntries(names.filter((name) => own[name] !== undefined)
    .map((name) => [name, own[name]]));
}

function parsed(written) {
  try {
    const own = JSON.parse(written);
    const exact = [own.id, own.from_id, own.date_unixtime].every(
      (one) => typeof one !== "number" || Number.isSafeInteger(one));
    if (exact) return own;
  } catch {
    // Told below.
  }
  throw new Refused("JSON_DAMAGED");
}
