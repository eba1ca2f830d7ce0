/** The members of a zip, read from its central directory; none is unpacked but the one asked for. */
import { Refused } from "./refused.js";

const END = 0x06054b50, END_64 = 0x06064b50, LOCATOR_64 = 0x07064b50;
const MEMBER = 0x02014b50, LOCAL = 0x04034b50;
const MOST_MEMBERS = 50_000, LARGEST_DIRECTORY = 64 << 20;
const LARGEST_CHAT = 2 * 2 ** 30, STEEPEST_RATIO = 200, RATIO_MATTERS = 16 << 20;
const LONGEST_COMMENT = 65_535, END_SIZE = 22, LOCATOR_SIZE = 20;
const FULL_32 = 0xffffffff;

/** Whether a file begins as a zip does. */
export async function isZip(file) {
  const head = await view(file, 0, 4);
  return head.byteLength === 4 && [LOCAL, END].includes(head.getUint32(0, true));
}

/**
 * List what a zip holds.
 *
 * @param {Blob} file
 * @returns {Promise<{name: string, size: number, open: () => Promise<ReadableStream>}[]>}
 */
export async function members(file) {
  const { at, size, many } = await directory(file);
  if (many > MOST_MEMBERS || size > LARGEST_DIRECTORY) throw new Refused("ZIP_TOO_LARGE");
  const table = await view(file, at, size);
  const found = [];
  for (let place = 0; found.length < many; ) {
    if (place + 46 > table.byteLength || table.getUint32(place, true) !== MEMBER)
      throw new Refused("ZIP_DAMAGED");
    const lengths = [28, 30, 32].map((one) => table.getUint16(place + one, true));
    const name = new TextDecoder().decode(bytesOf(table, place + 46, lengths[0]));
    const one = {
      name,
      flags: table.getUint16(place + 8, true),
      method: table.getUint16(place + 10, true),
      packed: table.getUint32(place + 20, true),
      size: table.getUint32(place + 24, true),
      at: table.getUint32(place + 42, true),
    };
    large(table, place + 46 + lengths[0], lengths[1], one);
    found.push({ name, size: one.size, open: () => open(file, one) });
    place += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  return found;
}

async function directory(file) {
  const tail = Math.min(file.size, LONGEST_COMMENT + END_SIZE);
  const end = await view(file, file.size - tail, tail);
  for (let place = end.byteLength - END_SIZE; place >= 0; place -= 1) {
    if (end.getUint32(place, true) !== END) continue;
    const found = {
      many: end.getUint16(place + 10, true),
      size: end.getUint32(place + 12, true),
      at: end.getUint32(place + 16, true),
    };
    const locator = place - LOCATOR_SIZE;
    const is64 = locator >= 0 && end.getUint32(locator, true) === LOCATOR_64;
    return is64 ? directory64(file, whole(end, locator + 8)) : found;
  }
  throw new Refused("ZIP_DAMAGED");
}

async function directory64(file, at) {
  const end = await view(file, at, 56);
  if (end.byteLength < 56 || end.getUint32(0, true) !== END_64) throw new Refused("ZIP_DAMAGED");
  return { many: whole(end, 32), size: whole(end, 40), at: whole(end, 48) };
}

/** Sizes and place that do not fit in 32 bits stand in an extra field, in this order. */
function large(table, start, length, one) {
  for (let place = start; place + 4 <= start + length; ) {
    const [id, size] = [table.getUint16(place, true), table.getUint16(place + 2, true)];
    let value = place + 4;
    if (id === 1)
      for (const what of ["size", "packed", "at"])
        if (one[what] === FULL_32) {
          if (value + 8 > place + 4 + size) throw new Refused("ZIP_DAMAGED");
          one[what] = whole(table, value);
          value += 8;
        }
    place += 4 + size;
  }
}

async function open(file, one) {
  if (one.flags & 1 || ![0, 8].includes(one.method)) throw new Refused("ZIP_UNSUPPORTED");
  const steep = one.size > STEEPEST_RATIO * Math.max(one.packed, 1);
  if (one.size > LARGEST_CHAT || (steep && one.size > RATIO_MATTERS))
    throw new Refused("ZIP_TOO_LARGE");
  const local = await view(file, one.at, 30);
  if (local.byteLength < 30 || local.getUint32(0, true) !== LOCAL) throw new Refused("ZIP_DAMAGED");
  const start = one.at + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (start + one.packed > file.size) throw new Refused("ZIP_DAMAGED");
  const packed = file.slice(start, start + one.packed).stream();
  const plain = one.method ? packed.pipeThrough(new DecompressionStream("deflate-raw")) : packed;
  return exactly(plain, one.size);
}

/** A stream that must give so many bytes; more or fewer is damage. */
function exactly(stream, size) {
  const reader = stream.getReader();
  let given = 0;
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await reader.read().catch((error) => {
        throw error instanceof TypeError ? new Refused("ZIP_DAMAGED") : error;
      });
      given += done ? 0 : value.byteLength;
      if (given > size || (done && given < size)) throw new Refused("ZIP_DAMAGED");
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (why) => reader.cancel(why),
  });
}

async function view(file, at, size) {
  return new DataView(await file.slice(Math.max(at, 0), at + size).arrayBuffer());
}

function whole(table, place) {
  const value = table.getBigUint64(place, true);
  if (value > Number.MAX_SAFE_INTEGER) throw new Refused("ZIP_DAMAGED");
  return Number(value);
}

function bytesOf(table, place, size) {
  if (place + size > table.byteLength) throw new Refused("ZIP_DAMAGED");
  return new Uint8Array(table.buffer, table.byteOffset + place, size);
}
