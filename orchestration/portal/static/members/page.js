/** The members' page: what is typed is looked at here, sealed here, and sent in one length. */
import { digestOf, looksRight, newCode, plainCode } from "../sealing/receipt.js";
import { TooLong, base64url, seal } from "../sealing/seal.js";

const GROUP_CODE_LETTERS = 16, FEWEST_DIGITS = 7;
const FIELDS = ["group", "name", "number", "earlier", "text", "contact"];
const of = (id) => document.getElementById(id);
const given = of("sealing");
const lengths = { packed: Number(given.dataset.packed), sealed: Number(given.dataset.sealed) };
const texts = Object.fromEntries(Array.from(of("texts").content.querySelectorAll("[data-text]"),
  (one) => [one.dataset.text, one.textContent]));

/** What a form says, or the field that lacks something: as `read_form` of the portal has it. */
function look(form) {
  const data = new FormData(form), said = { asks: data.get("asks") };
  for (const name of FIELDS) {
    const typed = (data.get(name) ?? "").replaceAll("\0", "").trim();
    if (typed) said[name] = typed;
  }
  if (form.elements.text) return { said, lacks: said.text ? null : "text" };
  if (plainCode(said.group ?? "").length !== GROUP_CODE_LETTERS) return { said, lacks: "group" };
  const named = said.name || ((said.number ?? "").match(/\p{Nd}/gu) ?? []).length >= FEWEST_DIGITS;
  const taken = said.asks === "take_back" && said.earlier;
  // Else a slip would weigh as an objection, and what was meant to be void would stand.
  if (taken && !looksRight(taken)) return { said, lacks: "earlier" };
  return { said, lacks: named || taken ? null : "name" };
}

/** What a field is described by, with or without what is said of it at the moment. */
function describe(field, isSaid) {
  const ids = (field.getAttribute("aria-describedby") ?? "").split(" ");
  const left = ids.filter((id) => id && id !== "said");
  const all = isSaid ? ["said", ...left] : left;
  if (all.length) field.setAttribute("aria-describedby", all.join(" "));
  else field.removeAttribute("aria-describedby");
  if (isSaid) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function say(form, text, beside = null) {
  of("said")?.remove();
  for (const one of document.querySelectorAll("[aria-invalid]")) describe(one, false);
  const said = document.createElement("span");
  said.id = "said";
  said.className = "wrong";
  said.setAttribute("role", "alert");
  said.textContent = text;
  (beside ?? form.querySelector("button")).before(said);
  if (!beside) return;
  describe(beside, true);
  beside.focus();
}

/** A field that can be typed into; a group's code that the link filled in shows itself again. */
function field(form, name) {
  const one = form.elements[name];
  if (one.type === "hidden") {
    const own = of("group-field").content.cloneNode(true), input = own.querySelector("input");
    own.querySelector("label").htmlFor = input.id = `${form.elements.asks.value}-group`;
    own.querySelector(".hint").id = `${input.id}-hint`;
    input.setAttribute("aria-describedby", `${input.id}-hint`);
    input.value = one.value;
    one.replaceWith(own);
  }
  return form.elements[name];
}

function show(asks, code, told) {
  const receipt = of("receipt").content.cloneNode(true);
  for (const [name, words] of Object.entries({ ...told, code }))
    for (const one of receipt.querySelectorAll(`[data-say="${name}"]`)) one.textContent = words;
  for (const one of receipt.querySelectorAll("[data-next]"))
    if (one.dataset.next !== asks) one.remove();
  const title = receipt.querySelector("h1");
  document.title = `${title.textContent} – ${texts.brand}`;
  document.querySelector("main").replaceChildren(receipt);
  title.focus();
  scrollTo(0, 0);
}

async function sealedRequest(said) {
  const code = newCode();
  const sealed = await seal({ ...said, receipt: code }, lengths, given.dataset.recipient);
  return { code, body: new URLSearchParams({ receipt: digestOf(code), sealed: base64url(sealed) }) };
}

async function send(form) {
  const { said, lacks } = look(form);
  if (lacks) return say(form, texts[lacks], field(form, lacks));
  let request;
  try {
    request = await sealedRequest(said);
  } catch (error) {
    if (error instanceof TooLong) return say(form, texts.text, form.elements.text);
    // Whoever wants to leave has to get through: pressed once more, it is sealed on receipt.
    form.dataset.unsealed = "";
    return say(form, texts.unsealed);
  }
  try {
    const answer = await fetch("/m", { method: "POST", body: request.body });
    if (!answer.ok) return say(form, answer.status === 429 ? texts.often : texts.later);
    show(said.asks, request.code, await answer.json());
  } catch {
    say(form, texts.later);
  }
}

for (const form of document.querySelectorAll("form"))
  form.addEventListener("submit", async (event) => {
    if ("unsealed" in form.dataset) return;
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    await send(form);
    button.disabled = false;
  });
for (const one of document.querySelectorAll("[data-script]"))
  one.hidden = one.dataset.script === "without";
