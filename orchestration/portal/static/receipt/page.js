/** Ways to keep the withdrawal link; without script it is a link on a page that can be printed. */
const of = (id) => document.getElementById(id);
const link = of("withdrawal"), keep = of("keep");
const texts = Object.fromEntries(Array.from(of("texts").content.querySelectorAll("[data-text]"),
  (one) => [one.dataset.text, one.textContent]));
const say = (name) => { of("kept").textContent = texts[name]; };

async function copy() {
  try {
    await navigator.clipboard.writeText(link.href);
    say("copied");
  } catch {
    // Without TLS, or where it was forbidden.
    getSelection().selectAllChildren(link);
    say("marked");
  }
}

async function share() {
  try {
    await navigator.share({ title: keep.dataset.title, url: link.href });
  } catch (error) {
    // Whoever closed the list of places has not failed.
    if (error.name !== "AbortError") say("not_shared");
  }
}

const ways = { copy, share, print: () => print() };
for (const button of keep.querySelectorAll("[data-keep]"))
  button.addEventListener("click", ways[button.dataset.keep]);
keep.querySelector("[data-keep=share]").hidden = !navigator.share;
keep.hidden = false;
