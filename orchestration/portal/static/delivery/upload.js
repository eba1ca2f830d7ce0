/** Sending sealed bytes in pieces, going on where a lost connection left off. */
import { sha256 } from "../vendor/age.js";

export const PIECE = 1 << 20;
const MOST_TRIES = 40;
const WAITS = [500, 1000, 2000, 5000, 10_000, 30_000];

/** Why nothing arrived: `gone` where it has to begin anew, `refused`, or after many tries `full`
 * where there was no room, else `lost`. */
export class NotDelivered extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * Send a sealed stream; memory holds one piece of it.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @param {string} base where deliveries of this group begin.
 * @param {{progress?: (bytes: number) => void, wait?: (ms: number) => Promise, size?: number}} how
 * @returns {Promise<{destroyed_on: string}>} the receipt.
 * @throws {NotDelivered}
 */
export async function upload(stream, base, how = {}) {
  const { progress = () => {}, wait = waited, size = PIECE } = how;
  const begun = await insisting(() => ask(base, { method: "POST" }), wait);
  const own = `${base}/${begun.id}`, digest = sha256.create();
  let offset = 0;
  for await (const piece of pieces(stream, size)) {
    digest.update(piece);
    const end = offset + piece.length, start = offset;
    await insisting(async () => {
      const body = piece.subarray(offset - start);
      const { received } = await ask(`${own}?offset=${offset}`, { method: "POST", body });
      if (received < offset) throw new NotDelivered("gone");
      // A server that was killed may have kept a part of a piece.
      offset = Math.min(received, end);
      if (offset < end) throw new TypeError("lost");
    }, wait);
    progress(offset);
  }
  const hex = Array.from(digest.digest(), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return insisting(() => ask(`${own}/whole?sha256=${hex}`, { method: "POST" }), wait);
}

async function ask(url, request) {
  // Without a cookie: the link alone says whose delivery it is.
  const answer = await fetch(url, { ...request, credentials: "omit", cache: "no-store" });
  if ([408, 425, 429].includes(answer.status) || answer.status >= 500)
    throw new TypeError(answer.status === 507 ? "full" : "lost");
  if (answer.status === 404) throw new NotDelivered("gone");
  if (!answer.ok) throw new NotDelivered("refused");
  return answer.json();
}

/** Ask again, later and later, while no answer comes; a piece that comes twice does no harm. */
async function insisting(attempt, wait) {
  for (let tried = 0; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof NotDelivered) throw error;
      if (tried >= MOST_TRIES) throw new NotDelivered(error.message === "full" ? "full" : "lost");
      await wait(WAITS[Math.min(tried, WAITS.length - 1)]);
    }
  }
}

function waited(milliseconds) {
  return new Promise((done) => {
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end, { once: true });
    function end() {
      clearTimeout(timer);
      removeEventListener("online", end);
      done();
    }
  });
}

async function* pieces(stream, size) {
  const reader = stream.getReader();
  let held = new Uint8Array(size), filled = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    for (let place = 0; place < value.length; ) {
      const some = Math.min(size - filled, value.length - place);
      held.set(value.subarray(place, place + some), filled);
      filled += some;
      place += some;
      if (filled === size) {
        yield held;
        held = new Uint8Array(size);
        filled = 0;
      }
    }
  }
  if (filled) yield held.slice(0, filled);
}
