/** The pulse: what was chosen is sealed here and sent in one length, whatever it is. */
import { base64url, seal } from "../sealing/seal.js";

const form = document.querySelector("form");
const given = document.getElementById("sealing").dataset;
const lengths = { packed: Number(given.packed), sealed: Number(given.sealed) };

async function sealed() {
  const data = new FormData(form), chosen = [];
  while (data.has(`item${chosen.length}`)) chosen.push(Number(data.get(`item${chosen.length}`)));
  const answer = { group: data.get("group").trim(), instrument: data.get("instrument"), chosen };
  return base64url(await seal(answer, lengths, given.recipient));
}

function sendSealed(written) {
  const own = document.createElement("form"), field = document.createElement("input");
  own.method = "post";
  own.action = form.action;
  own.hidden = true;
  field.type = "hidden";
  field.name = "sealed";
  field.value = written;
  own.append(field);
  document.body.append(own);
  own.submit();
}

form.addEventListener("submit", async (event) => {
  // Whose browser can't seal gets through all the same, by pressing once more.
  if ("unsealed" in form.dataset) return;
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  try {
    sendSealed(await sealed());
  } catch {
    form.dataset.unsealed = "";
    button.disabled = false;
    document.getElementById("unsealed").hidden = false;
  }
});
// Who comes back to the page finds a button that works.
addEventListener("pageshow", () => { form.querySelector("button").disabled = false; });
for (const one of document.querySelectorAll("[data-script]"))
  one.hidden = one.dataset.script === "without";
