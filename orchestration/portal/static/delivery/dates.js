/** Dates and times as a header writes them, and which number of a date is the day. */
import { BUDDHIST_FROM, BUDDHIST_SHIFT, ERAS_AFTER, ERAS_BEFORE, MONTHS, PARTS_OF_DAY }
  from "./header_words.js";
import { flat } from "./headers.js";

const EARLIEST_YEAR = 2009, LONGEST_MONTH = 31, NOON = 12;
// Dates of one order for each of the other, from which the few are misprints or quotes.
const CLEAR_MAJORITY = 20;
// Steps back under one reading for each under the other, from which order in the file decides.
const CLEARLY_ORDERED = 5;

/** The three numbers of a date in the order written, eras resolved; null if not three. */
export function dateNumbers(written) {
  const plain = flat(written);
  const numbers = (plain.match(/\p{Nd}+/gu) ?? []).map(number);
  const names = (plain.match(/[\p{L}\p{Nl}\p{No}]+/gu) ?? []).map((one) => one.toLowerCase());
  const month = names.map((one) => MONTHS[one]).find((one) => one !== undefined);
  if (month !== undefined && numbers.length) return [numbers[0], month, numbers[1] ?? 0];
  if (numbers.length !== 3) return null;
  const [first, middle, last] = numbers;
  const before = Object.entries(ERAS_BEFORE).find(([era]) => plain.includes(era))?.[1] ?? 0;
  const after = Object.entries(ERAS_AFTER).find(([era]) => plain.endsWith(` ${era}`))?.[1] ?? 0;
  const leads = first > LONGEST_MONTH || !/^\p{Nd}/u.test(plain);
  const shift = before || after;
  return leads ? [first + shift, middle, last] : [first, middle, last + shift];
}

/** A written date as days since 1970, or null for no date; without a year there is none. */
export function dayOf(written, order) {
  const numbers = dateNumbers(written);
  if (numbers === null) return null;
  const [first, middle, last] = numbers;
  if (order === "ymd") return day(first, middle, last);
  return order === "mdy" ? day(last, first, middle) : day(last, middle, first);
}

/** Minutes since midnight, with seconds as a fraction; null for what no clock shows. */
export function minutesOf(written) {
  const plain = flat(written);
  const numbers = (plain.match(/\p{Nd}+/gu) ?? []).map(number);
  if (![2, 3].includes(numbers.length)) return null;
  const [hour, minute, second = 0] = numbers;
  if (hour >= 24 || minute >= 60 || second >= 60) return null;
  const word = plain.toLowerCase().replace(/\p{Nd}.*\p{Nd}/u, "").replace(/^[_ ]+|[_ ]+$/g, "");
  const bare = word.replace(/[. ]/g, "");
  const part = PARTS_OF_DAY[word] ?? (["am", "pm"].includes(bare) ? bare : null);
  return hourOf(hour, part) * 60 + minute + second / 60;
}

/**
 * Decide how a file writes its dates, in a region that writes the day first.
 *
 * @param {object} shape of its headers.
 * @param {Iterable<string>} written its distinct dates, in order of first appearance.
 * @param {string} form what wrote the file.
 * @returns {string} `dmy`, `mdy`, `ymd` or `unsure`.
 */
export function dayOrder(shape, written, form) {
  if (form === "web") return "mdy";
  if (shape.date === "kanji" || shape.year.startsWith("first")) return "ymd";
  if (shape.date === "named") return "dmy";
  const dates = [...written].map(dateNumbers).filter((one) => one !== null);
  if (shape.year === "last_2" && shortYearLeads(dates)) return "ymd";
  return byPartOver12(dates) ?? byOrderInFile(dates) ?? (form === "phone" ? "dmy" : "unsure");
}

/** Whether a date tells by itself that it is written in this order. */
export function tells(written, order) {
  const [first, middle] = dateNumbers(written) ?? [0, 0];
  return order === "dmy" ? first > 12 && middle <= 12 : order === "mdy" && middle > 12 && first <= 12;
}

/** The value of digits of any script. */
function number(digits) {
  let value = 0;
  for (const digit of digits) value = value * 10 + digitOf(digit.codePointAt(0));
  return value;
}

function digitOf(point) {
  // Digits of a script stand in tens, nought first, after something that is none.
  let zero = point;
  while (point - zero < 10 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return (point - zero) % 10;
}

function day(short, month, date) {
  let year = short < 100 ? short + 2000 : short;
  if (year >= BUDDHIST_FROM) year += BUDDHIST_SHIFT;
  if (year < EARLIEST_YEAR || year > 9999) return null;
  const stamp = new Date(Date.UTC(year, month - 1, date));
  const same = stamp.getUTCMonth() === month - 1 && stamp.getUTCDate() === date;
  return same ? stamp.getTime() / 86_400_000 : null;
}

function hourOf(hour, part) {
  if (part === null || hour > NOON) return hour;
  if (part === "am") return hour % NOON;
  if (part === "pm") return (hour % NOON) + NOON;
  if (part === "noon") return hour >= 10 ? hour : hour + NOON;
  return hour === NOON || hour < 6 ? hour % NOON : hour + NOON;
}

function shortYearLeads(dates) {
  const firstYear = EARLIEST_YEAR % 100;
  if (dates.some(([first]) => first > LONGEST_MONTH) || sameDayEveryYear(dates)) return true;
  return dates.some(([, , last]) => last < firstYear)
    && dates.every(([first]) => first >= firstYear);
}

function sameDayEveryYear(dates) {
  const firsts = new Set(dates.map(([first]) => first));
  const lasts = new Set(dates.map(([, , last]) => last));
  const asYear = dates.every(([first, middle]) => 2000 + first >= EARLIEST_YEAR && middle <= 12);
  const asDay = dates.every(([, , last]) => last >= 1 && last <= LONGEST_MONTH);
  return asYear && asDay && firsts.size === 1 && lasts.size > 1 && lasts.size * 2 > dates.length;
}

function byPartOver12(dates) {
  const days = dates.filter(([first, middle]) => first > 12 && middle <= 12).length;
  const months = dates.filter(([first, middle]) => middle > 12 && first <= 12).length;
  const [fewer, more] = [Math.min(days, months), Math.max(days, months)];
  if (!more) return null;
  if (fewer * CLEAR_MAJORITY > more) return "unsure";
  return days > months ? "dmy" : "mdy";
}

function byOrderInFile(dates) {
  const dmy = stepsBack(dates.map(([first, middle, last]) => [last, middle, first]));
  const mdy = stepsBack(dates.map(([first, middle, last]) => [last, first, middle]));
  const [fewer, more] = [Math.min(dmy, mdy), Math.max(dmy, mdy)];
  if (fewer === more || fewer * CLEARLY_ORDERED > more) return null;
  return dmy < mdy ? "dmy" : "mdy";
}

function stepsBack(dates) {
  const value = ([year, middle, last]) => (year * 10_000 + middle) * 10_000 + last;
  return dates.filter((one, at) => at > 0 && value(one) < value(dates[at - 1])).length;
}
