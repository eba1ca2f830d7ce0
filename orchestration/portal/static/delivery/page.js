/** The page of one group: a file is chosen or was shared, then cut, sealed and sent. */
import { chatsIn } from "./chats.js";
import { deliverable } from "./deliverable.js";
import { keepLink, keepWorker, takeShared } from "./phone.js";
import { Refused } from "./refused.js";
import { sealed } from "./seal.js";
import { NotDelivered, upload } from "./upload.js";

const of = (id) => document.getElementById(id);
const form = of("deliver"), chats = of("chats"), send = of("send"), said = of("said");
const who = of("who"), you = of("you");
const days = Object.fromEntries(["from", "to", "today"].map((one) => [one, Number(form.dataset[one])]));
const texts = Object.fromEntries(Array.from(of("texts").content.querySelectorAll("[data-text]"),
  (one) => [one.dataset.text, one.textContent]));
let ready = null, asked = 0;

function say(text, wrong = false) {
  said.textContent = text;
  said.className = wrong ? "wrong" : "";
}

async function fails(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refused) say(`${texts.refused} ${texts[error.code]}`, true);
    else if (error instanceof NotDelivered)
      say({ lost: texts.failed, full: texts.full }[error.code] ?? texts.gone, true);
    else say(texts.broken, true);
  }
}

async function take(file) {
  const own = (asked += 1);
  ready = null;
  send.hidden = chats.hidden = who.hidden = true;
  say(texts.looking);
  const found = await chatsIn(file);
  if (own !== asked) return;
  if (found.length === 1) await prepare(found[0], own);
  else ask(found);
}

function ask(found) {
  chats.replaceChildren(chats.firstElementChild, ...found.map((chat) => {
    const label = document.createElement("label"), box = document.createElement("input");
    label.className = "choice";
    Object.assign(box, { type: "radio", name: "chat" });
    const name = document.createElement("span");
    name.textContent = chat.form === "telegram" ? chat.name
      : chat.name.split("/").at(-1).replace(/\.(?:txt|jsonl?)$/i, "");
    box.addEventListener("change", () => fails(() => prepare(chat, (asked += 1))));
    label.append(box, name);
    return label;
  }));
  chats.hidden = false;
  say("");
  chats.querySelector("input").focus();
}

async function prepare(chat, own) {
  ready = null;
  send.hidden = who.hidden = true;
  say(texts.looking);
  const found = await deliverable(chat, days);
  if (own !== asked) return;
  ready = found;
  send.hidden = false;
  who.hidden = !found.you;
  if (found.you) of("who_label").textContent = texts.who.replace("{you}", found.you);
  you.value = "";
  say(texts.ready.replace("{kept}", found.kept.toLocaleString()));
}

/** Who exported the chat, or nothing where what was typed names nobody. */
function answer() {
  const typed = you.value.trim();
  return typed === ready.you || !/[\p{L}\p{Nd}]/u.test(typed) ? "" : typed;
}

async function deliver() {
  const { stream } = ready, named = who.hidden ? "" : answer();
  form.hidden = true;
  say(texts.sending);
  try {
    const receipt = await upload(
      await sealed(stream(), form.dataset.recipient, named), form.dataset.pieces);
    const received = new Date(), destroyed = new Date(receipt.destroyed_on);
    of("received").textContent = received.toLocaleString();
    of("destroyed").textContent = texts.destroyed.replace("{day}", destroyed.toLocaleDateString());
    of("receipt").hidden = false;
    say("");
    of("receipt").focus();
  } catch (error) {
    form.hidden = false;
    // Of a file that changes under the page something may have left, sealed.
    throw error instanceof NotDelivered ? error : new Error("broken");
  }
}

async function begin() {
  if (!("DecompressionStream" in globalThis) || !crypto.subtle) {
    say(texts.old_browser, true);
    return;
  }
  form.hidden = false;
  of("file").addEventListener("change", ({ target }) => {
    if (target.files.length) fails(() => take(target.files[0]));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (ready !== null) fails(deliver);
  });
  keepLink(decodeURIComponent(location.pathname.split("/").at(-1)));
  keepWorker().then((ready) => { of("no_share").hidden = ready; });
  const file = location.search === "?shared" ? await takeShared() : null;
  if (file) await take(file);
}

fails(begin);
