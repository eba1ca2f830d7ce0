/** Where the installed page begins: on to the page of the group that this phone delivers for. */
import { links } from "./phone.js";

const known = links();
const show = (id) => { document.getElementById(id).hidden = false; };
if (location.search === "?lost") show("lost");
const after = location.search === "?shared" ? "?shared" : "";
if (!known.length) show("none");
else if (known.length === 1 && location.search !== "?lost") location.replace(`/d/${known[0][0]}${after}`);
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
