/** A byte stream as blocks of whole lines, each led by its line end, in fixed memory. */
import { Refused } from "./refused.js";

const LONGEST_LINE = 1 << 20;
// Milliseconds of work after which the page may answer its user, who may want to leave it.
const STRETCH = 50;

/**
 * Decode a stream as the reader of the restricted side does.
 *
 * CRLF stays whole; one is put before the first line, so that every line is led by one.
 *
 * @param {ReadableStream<Uint8Array>} stream at its first byte.
 * @yields {string} `"\nline\nline"`; together the whole text after that first line end.
 */
export async function* lineBlocks(stream) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let carry = "\r\n", since = performance.now();
  for await (const bytes of chunks(stream)) {
    if (performance.now() - since > STRETCH) {
      await breath();
      since = performance.now();
    }
    const text = carry + decoded(() => decoder.decode(bytes, { stream: true }));
    const cut = lastLineStart(text);
    if (text.length - cut > LONGEST_LINE) throw new Refused("LINE_TOO_LONG");
    carry = text.slice(cut);
    if (cut > 0) yield checked(text.slice(0, cut));
  }
  const rest = carry + decoded(() => decoder.decode());
  if (rest) yield checked(rest);
}

function checked(block) {
  if (block.includes("\0")) throw new Refused("NOT_UTF8");
  if (!block.includes("\r")) return block;
  const whole = block.replaceAll("\r\r\n", "\r\n");
  const alone = whole.match(/\r(?!\n)/g) ?? [];
  // The reader takes lines that end by CR alone, but this cut goes by LF.
  if (alone.length > whole.split("\n").length - 1) throw new Refused("LINE_ENDS");
  return whole;
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

function lastLineStart(text) {
  let cut = Math.max(text.lastIndexOf("\n"), 0);
  while (cut > 0 && text[cut - 1] === "\r") cut -= 1;
  return cut;
}
