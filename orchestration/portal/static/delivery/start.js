/** Where the installed page begins: on to the page of the group that this phone delivers for. */
import { keepWorker, links } from "./phone.js";

const known = links();
const show = (id) => { document.getElementById(id).hidden = false; };
const lost = location.search === "?lost", worker = keepWorker();
if (lost) {
  show("lost");
  worker.then((ready) => show(ready ? "again" : "no_share"));
}
const after = location.search === "?shared" ? "?shared" : "";
if (!known.length) show("none");
else if (known.length === 1 && !lost) location.replace(`/d/${known[0][0]}${after}`);
else {
  show("which");
  const which = document.getElementById("which");
  for (const [link, day] of known) {
    const one = document.createElement("a");
    one.className = "link";
    one.href = `/d/${encodeURIComponent(link)}${after}`;
    one.textContent = which.dataset.group.replace("{day}", new Date(day).toLocaleDateString());
    which.append(one, document.createElement("br"));
  }
}
