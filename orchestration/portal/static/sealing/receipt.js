/** Receipt codes as `resources/stores/requests/receipts.py` makes them, made where they are shown. */
import { sha256 } from "../vendor/age.js";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", CODE_LETTERS = 24, FOUR = /.{4}(?=.)/g;

/** A code of 120 random bits: 24 letters and digits, in groups of four. */
export function newCode() {
  const random = crypto.getRandomValues(new Uint8Array(CODE_LETTERS));
  return Array.from(random, (byte) => LETTERS[byte % LETTERS.length]).join("").replace(FOUR, "$&-");
}

/** By which the database knows a code, 64 hex digits. */
export function digestOf(code) {
  const content = new TextEncoder().encode(`tideline receipt\0${code.replaceAll("-", "")}`);
  return Array.from(sha256(content), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
