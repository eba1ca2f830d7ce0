/** What stays of the days before in an export of fields: who was there since when, and names. */
import { Refused } from "./refused.js";
import { ZONE } from "./header_words.js";

const MOST_KEPT_OF_BEFORE = 50_000, HOUR = 3600, SECONDS_A_DAY = 86_400;
const MENTION = /@\u2068([^\u2069\n]{1,120})\u2069|@([\p{L}\p{N}][\p{L}\p{N}_.-]{0,60})/gu;
const SHOWN = new Intl.DateTimeFormat("en-GB",
  { timeZone: ZONE, year: "numeric", month: "numeric", day: "numeric" });

const hours = new Map();

/** The region's day of a second since 1970 in UTC, counted from 1970. */
export function dayOfSecond(second) {
  const hour = Math.floor(second / HOUR);
  if (!hours.has(hour)) {
    const shown = SHOWN.formatToParts(new Date(hour * HOUR * 1000));
    const part = (name) => Number(shown.find((one) => one.type === name).value);
    const midnight = Date.UTC(part("year"), part("month") - 1, part("day"));
    hours.set(hour, midnight / 1000 / SECONDS_A_DAY);
  }
  return hours.get(hour);
}

/** The names of people mentioned in a text. */
export const namesIn = (text) => Array.from(text.matchAll(MENTION), (one) => one[1] ?? one[2]);

/** What stays of the days before. */
export class Before {
  constructor() {
    this.written = new Map();
    this.names = new Set();
    this._shown = new Map();
  }

  /**
   * Note that a sender is shown; one label stays for each way in which they are, at their first day.
   *
   * @param {string} key of the sender as shown.
   * @param {{index: number, day: number}} one
   * @param {() => string} label what stays.
   */
  sender(key, { index, day }, label) {
    const known = this._shown.get(key);
    if (known !== undefined && known <= day) return;
    this._shown.set(key, day);
    this.keep(index, label());
  }

  /** Have what is written here stay in place of an entry. */
  keep(index, written) {
    if (this.written.size >= MOST_KEPT_OF_BEFORE) throw new Refused("TOO_MANY_NOTICES");
    this.written.set(index, written);
  }

  /** Note names that the export shows. */
  name(names) {
    for (const one of names) if (typeof one === "string" && one) this.names.add(one);
    if (this.names.size > MOST_KEPT_OF_BEFORE) throw new Refused("TOO_MANY_NOTICES");
  }
}
