/** Sealing with age, so that only the restricted side's identity opens it. */
import { Encrypter } from "../vendor/age.js";

// After what is delivered: the note, its length in four bytes, and this (`Unsealed.take_note`).
const NOTE_SIGN = "\0tideline note 1\0", LENGTH_BYTES = 4;

/**
 * Seal a stream in fixed memory.
 *
 * @param {ReadableStream<Uint8Array>} plain
 * @param {string} recipient the inbox's public key, `age1…`.
 * @param {string} you who exported it, as others see them; empty where nobody said.
 * @returns {Promise<ReadableStream<Uint8Array>>}
 */
export async function sealed(plain, recipient, you = "") {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return encrypter.encrypt(you ? plain.pipeThrough(followedBy(noteOf(you))) : plain);
}

function noteOf(you) {
  const encoder = new TextEncoder();
  const said = encoder.encode(JSON.stringify({ written: you })), sign = encoder.encode(NOTE_SIGN);
  const note = new Uint8Array(said.length + LENGTH_BYTES + sign.length);
  note.set(said);
  new DataView(note.buffer).setUint32(said.length, said.length);
  note.set(sign, said.length + LENGTH_BYTES);
  return note;
}

function followedBy(bytes) {
  return new TransformStream({ flush: (controller) => controller.enqueue(bytes) });
}
