/** A JSON document with chats in it, read as a stream: nothing is held but the message at hand. */
import { Refused } from "./refused.js";
import { texts } from "./streams.js";

const LONGEST = 4 << 20;
const SECTIONS = ["chats", "left_chats"], TOLD = ["name", "type", "id"];
const TOKEN = /[ \t\r\n]*(?:("[^"\\]*(?:\\.[^"\\]*)*")|([{}[\],:])|([^ \t\r\n"{}[\],:]+))/suy;
const CLOSES = { "{": "}", "[": "]" };

/**
 * Give what Telegram Desktop's chats hold, one at the document's top or a list under `chats.list`.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @yields {{place: string, key?: string, written: string}[]} of each chat, by its place, the value
 *   of its name, type and id under this key, and without a key each of its messages, as written.
 * @throws {Refused} for what is no whole JSON document.
 */
export async function* chatParts(stream) {
  const scan = new Scan();
  for await (const text of texts(stream)) {
    const found = scan.feed(text);
    if (found.length) yield found;
  }
  const found = scan.feed(" ");
  if (!scan.ended) throw new Refused("JSON_DAMAGED");
  if (found.length) yield found;
}

class Scan {
  constructor() {
    this.ended = false;
    this._text = "";
    this._at = 0;
    this._open = [];
    this._begun = null;
    this._found = [];
  }

  feed(text) {
    const drop = this._begun ?? this._at;
    this._text = this._text.slice(drop) + text;
    this._at -= drop;
    if (this._begun !== null) this._begun = 0;
    this._found = [];
    for (;;) {
      TOKEN.lastIndex = this._at;
      const found = TOKEN.exec(this._text);
      // What ends with the text may go on in the next one.
      if (found === null || (found[3] && TOKEN.lastIndex === this._text.length)) break;
      this._at = TOKEN.lastIndex;
      if (this.ended) throw new Refused("JSON_DAMAGED");
      if (found[2]) this._sign(found[2]);
      else this._value(found[1] ?? found[3]);
    }
    if (this._text.length - Math.min(this._at, this._begun ?? this._at) > LONGEST)
      throw new Refused("LINE_TOO_LONG");
    return this._found;
  }

  _value(written) {
    const top = this._open.at(-1);
    if (!top || top.messages) throw new Refused("JSON_DAMAGED");
    if (top.key === null) top.key = parsed(written);
    else if (top.chat !== undefined && TOLD.includes(top.key))
      this._found.push({ place: top.chat, key: top.key, written });
  }

  _sign(sign) {
    const top = this._open.at(-1);
    if (sign === ",") {
      if (top?.sign === "{") top.key = null;
      else if (top) top.index += 1;
    } else if (sign === "{" || sign === "[") {
      if (top?.messages && this._begun === null) this._begun = this._at - 1;
      this._open.push({ sign, ...this._place(top, sign), key: sign === "{" ? null : "", index: 0 });
    } else if (sign !== ":") {
      if (CLOSES[this._open.pop()?.sign] !== sign) throw new Refused("JSON_DAMAGED");
      if (this._open.at(-1)?.messages) {
        this._found.push({
          place: this._open.at(-2).chat,
          written: this._text.slice(this._begun, this._at),
        });
        this._begun = null;
      }
      this.ended = !this._open.length;
    }
  }

  /** Whether what opens here is a chat, or the list of a chat's messages. */
  _place(top, sign) {
    if (!top) return sign === "{" ? { chat: "" } : {};
    if (sign === "[" && top.chat !== undefined && top.key === "messages") return { messages: true };
    const [root, section, list] = this._open;
    const inList = this._open.length === 3 && list.sign === "[" && section.key === "list"
      && SECTIONS.includes(root.key);
    return sign === "{" && inList ? { chat: `${root.key}/${list.index}` } : {};
  }
}

function parsed(written) {
  try {
    return JSON.parse(written);
  } catch {
    throw new Refused("JSON_DAMAGED");
  }
}
