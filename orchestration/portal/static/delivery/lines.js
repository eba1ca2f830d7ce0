/** A byte stream as blocks of whole lines, each led by its line end, in fixed memory. */
import { Refused } from "./refused.js";
import { texts } from "./streams.js";

const LONGEST_LINE = 1 << 20;

/**
 * Decode a stream as the reader of the restricted side does.
 *
 * CRLF stays whole; one is put before the first line, so that every line is led by one.
 *
 * @param {ReadableStream<Uint8Array>} stream at its first byte.
 * @yields {string} `"\nline\nline"`; together the whole text after that first line end.
 */
export async function* lineBlocks(stream) {
  let carry = "\r\n";
  for await (const more of texts(stream, { ignoreBOM: true })) {
    const text = carry + more;
    const cut = lastLineStart(text);
    if (text.length - cut > LONGEST_LINE) throw new Refused("LINE_TOO_LONG");
    carry = text.slice(cut);
    if (cut > 0) yield checked(text.slice(0, cut));
  }
  if (carry) yield checked(carry);
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

function lastLineStart(text) {
  let cut = Math.max(text.lastIndexOf("\n"), 0);
  while (cut > 0 && text[cut - 1] === "\r") cut -= 1;
  return cut;
}
