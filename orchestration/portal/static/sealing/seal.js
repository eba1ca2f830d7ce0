/** What a form says, sealed with age to one length: nobody on the way learns what, or how much.
 *
 * The restricted side opens it as what it seals itself (resources/stores/requests/sealing.py).
 *
 *     const bytes = await seal({asks: "question", text: "…"}, {packed: 8192, sealed: 10240}, "age1…");
 *     body.set("sealed", base64url(bytes));   // always ceil(10240 * 4 / 3) letters
 */
import { Encrypter } from "../vendor/age.js";

const LENGTH_BYTES = 4;
// JSON writes half a pair of surrogates in a way that a strict reader refuses.
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** It says more than the length holds; nothing was sealed. */
export class TooLong extends Error {}

/**
 * Seal an object.
 *
 * @param {object} said JSON may hold it; its strings keep all but lone surrogates.
 * @param {{packed: number, sealed: number}} lengths bytes of the JSON filled up with spaces, and of
 *   what comes of it; age takes about 300 of the difference.
 * @param {string} recipient the public key, `age1…`.
 * @returns {Promise<Uint8Array>} exactly `lengths.sealed` bytes: four that tell how many of age's
 *   follow (big-endian), those, and zeros.
 * @throws {TooLong}
 * @throws {Error} where the browser can't, or the key is none.
 */
export async function seal(said, lengths, recipient) {
  const written = JSON.stringify(said, (_, one) =>
    typeof one === "string" ? one.replace(LONE_SURROGATES, "\ufffd") : one);
  const content = new TextEncoder().encode(written);
  if (content.length > lengths.packed) throw new TooLong();
  const packed = new Uint8Array(lengths.packed).fill(0x20);
  packed.set(content);
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const sealed = await encrypter.encrypt(packed);
  if (sealed.length > lengths.sealed - LENGTH_BYTES) throw new TooLong();
  const frame = new Uint8Array(lengths.sealed);
  new DataView(frame.buffer).setUint32(0, sealed.length);
  frame.set(sealed, LENGTH_BYTES);
  return frame;
}

/** Bytes in letters that a form sends as they are, so that their length stays one. */
export function base64url(bytes) {
  let binary = "";
  for (const one of bytes) binary += String.fromCharCode(one);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
