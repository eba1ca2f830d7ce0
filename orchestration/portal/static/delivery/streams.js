/** Bytes of a stream as text, and back, a piece at a time. */
import { Refused } from "./refused.js";

// Milliseconds of work after which the page may answer its user, who may want to leave it.
const STRETCH = 50;

/**
 * Decode a stream of UTF-8.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @param {{ignoreBOM?: boolean}} how `true` to leave a byte order mark in.
 * @yields {string}
 * @throws {Refused}
 */
export async function* texts(stream, { ignoreBOM = false } = {}) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM });
  let since = performance.now();
  for await (const bytes of chunks(stream)) {
    if (performance.now() - since > STRETCH) {
      await breath();
      since = performance.now();
    }
    yield decoded(() => decoder.decode(bytes, { stream: true }));
  }
  yield decoded(() => decoder.decode());
}

/** A stream of the bytes of texts. */
export function bytesOf(given) {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await given.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    cancel: () => given.return(),
  });
}

/** A turn for everything else; a timer would be slowed down in a page that is not shown. */
function breath() {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(null);
  });
}

async function* chunks(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function decoded(decode) {
  try {
    return decode();
  } catch (error) {
    throw error instanceof TypeError ? new Refused("NOT_UTF8") : error;
  }
}
