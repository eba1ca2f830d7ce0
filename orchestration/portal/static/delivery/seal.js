/** Sealing with age, so that only the restricted side's identity opens it. */
import { Encrypter } from "../vendor/age.js";

/**
 * Seal a stream in fixed memory.
 *
 * @param {ReadableStream<Uint8Array>} plain
 * @param {string} recipient the inbox's public key, `age1…`.
 * @returns {Promise<ReadableStream<Uint8Array>>}
 */
export async function sealed(plain, recipient) {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(plain);
}
