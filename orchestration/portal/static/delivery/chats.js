/** The chats that a file holds: a text, or those of a zip. */
import { candidates } from "./headers.js";
import { lineBlocks } from "./lines.js";
import { platformOf } from "./platforms.js";
import { Refused } from "./refused.js";
import { telegramChats } from "./telegram.js";
import { isZip, members } from "./zip.js";

const HEAD = 65_536;

// Of these there is a cut; of any other platform's export it is said which it is.
const CUT = ["telegram", "canonical"];

/**
 * Find the chats in a file; of a zip, nothing but the first bytes of its texts is unpacked.
 *
 * @param {Blob} file
 * @returns {Promise<{name: string, form: string, twin: boolean, open: () => Promise<ReadableStream>,
 *   place?: string}[]>} one or more; `name` is shown to whoever delivers, and goes nowhere.
 * @throws {Refused}
 */
export async function chatsIn(file) {
  if (!file.size) throw new Refused("EMPTY");
  if (!(await isZip(file))) {
    const found = await chatsOf({ name: "", open: async () => file.stream() }, false, holdsHeader);
    if (!found.length) throw new Refused("NO_CHAT");
    return found;
  }
  const all = await members(file);
  const names = new Set(all.map((one) => one.name));
  const found = [];
  let other = null;
  for (const one of all) {
    if (!isTold(one.name)) continue;
    const twin = /(^|\/)chat\.txt$/.test(one.name)
      && names.has(one.name.replace(/chat\.txt$/, "chat.md"));
    try {
      found.push(...(await chatsOf(one, twin)));
    } catch (error) {
      if (!(error instanceof OtherPlatform)) throw error;
      other ??= error;
    }
  }
  const own = found.filter((one) => one.twin || /(^|\/)_chat\.txt$/.test(one.name));
  const chats = own.length ? own : found;
  if (!chats.length) throw other ?? new Refused("NO_CHAT");
  return chats;
}

class OtherPlatform extends Refused {}

async function chatsOf({ name, open }, twin, holds = isChat) {
  const platform = platformOf(await headOf(open));
  if (platform === "telegram") {
    const found = await telegramChats(open);
    return found.map((one) => ({ name: one.title, form: platform, twin, open, place: one.place }));
  }
  if (CUT.includes(platform)) return [{ name, form: platform, twin, open }];
  if (platform !== null) throw new OtherPlatform(`OF_${platform.toUpperCase()}`);
  return (await holds(open)) ? [{ name, form: "whatsapp", twin, open }] : [];
}

async function headOf(open) {
  const decoder = new TextDecoder(), reader = (await open()).getReader();
  let text = "";
  while (text.length < HEAD) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel().catch(() => {});
  return text.slice(0, HEAD);
}

function isTold(name) {
  const parts = name.split("/");
  const last = parts.at(-1);
  return /\.(?:txt|jsonl?)$/i.test(last) && !last.startsWith(".") && !parts.includes("__MACOSX");
}

async function holdsHeader(open) {
  let text = "";
  for await (const block of lineBlocks(await open())) {
    text += block;
    if (text.length >= HEAD) break;
  }
  return candidates(text).length > 0;
}

async function isChat(open) {
  try {
    return await holdsHeader(open);
  } catch (error) {
    // A shared document may be no plain text; the chat beside it is.
    if (error instanceof Refused && error.code === "NOT_UTF8") return false;
    throw error;
  }
}
