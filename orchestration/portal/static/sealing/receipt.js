/** Receipt codes as `resources/stores/requests/receipts.py` makes them, made where they are shown. */
import { sha256 } from "../vendor/age.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", DRAWN_LETTERS = 24, FOUR = /.{4}(?=.)/g;

/** A code of 120 random bits: 24 letters and digits, and one by which slips show. */
export function newCode() {
  const random = crypto.getRandomValues(new Uint8Array(DRAWN_LETTERS));
  const drawn = Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join("");
  return (drawn + checkLetter(drawn)).replace(FOUR, "$&-");
}

/** Whether it may be a receipt code, as it was typed; whether anybody has it is not asked. */
export function looksRight(typed) {
  const plain = plainCode(typed), drawn = plain.slice(0, -1);
  return plain.length === DRAWN_LETTERS + 1 && checkLetter(drawn) === plain.at(-1);
}

/** A code as somebody typed it, brought to its one form. */
export function plainCode(typed) {
  return typed.toUpperCase().replaceAll("0", "O").replaceAll("1", "I").replace(/[^A-Z2-7]/g, "");
}

// Luhn's algorithm modulo 32.
function checkLetter(letters) {
  const count = LETTERS.length, total = Array.from(letters).reverse().reduce((sum, letter, place) => {
    const value = LETTERS.indexOf(letter) * (place % 2 === 0 ? 2 : 1);
    return sum + Math.floor(value / count) + value % count;
  }, 0);
  return LETTERS[(count - total % count) % count];
}

/** By which the database knows a code, 64 hex digits. */
export function digestOf(code) {
  const content = new TextEncoder().encode(`tideline receipt\0${plainCode(code)}`);
  return Array.from(sha256(content), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
