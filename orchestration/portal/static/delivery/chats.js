/** The chats that a file holds: a text, or those of a zip. */
import { candidates } from "./headers.js";
import { lineBlocks } from "./lines.js";
import { Refused } from "./refused.js";
import { isZip, members } from "./zip.js";

const HEAD = 65_536;

/**
 * Find the chats in a file; of a zip, nothing but the first bytes of its texts is unpacked.
 *
 * @param {Blob} file
 * @returns {Promise<{name: string, twin: boolean, open: () => Promise<ReadableStream>}[]>} one or
 *   more; `name` is shown to whoever delivers, and goes nowhere.
 * @throws {Refused}
 */
export async function chatsIn(file) {
  if (!file.size) throw new Refused("EMPTY");
  if (!(await isZip(file))) {
    const whole = { name: "", twin: false, open: async () => file.stream() };
    if (!(await holdsHeader(whole))) throw new Refused("NO_CHAT");
    return [whole];
  }
  const all = await members(file);
  const names = new Set(all.map((one) => one.name));
  const found = [];
  for (const one of all) {
    if (!isText(one.name)) continue;
    const twin = /(^|\/)chat\.txt$/.test(one.name)
      && names.has(one.name.replace(/chat\.txt$/, "chat.md"));
    if (await isChat(one)) found.push({ name: one.name, twin, open: one.open });
  }
  const own = found.filter((one) => one.twin || /(^|\/)_chat\.txt$/.test(one.name));
  const chats = own.length ? own : found;
  if (!chats.length) throw new Refused("NO_CHAT");
  return chats;
}

function isText(name) {
  const parts = name.split("/");
  const last = parts.at(-1);
  return /\.txt$/i.test(last) && !last.startsWith(".") && !parts.includes("__MACOSX");
}

async function holdsHeader(one) {
  let text = "";
  for await (const block of lineBlocks(await one.open())) {
    text += block;
    if (text.length >= HEAD) break;
  }
  return candidates(text).length > 0;
}

async function isChat(one) {
  try {
    return await holdsHeader(one);
  } catch (error) {
    // A shared document may be no plain text; the chat beside it is.
    if (error instanceof Refused && error.code === "NOT_UTF8") return false;
    throw error;
  }
}
