/** What this phone keeps: its delivery links, and a file that was shared until it is delivered. */

const LINKS = "tideline delivery links", SHARED = "tideline shared";

/** The phone's links: `[link, day on which it was added]`, oldest first. */
export function links() {
  try {
    return Object.entries(JSON.parse(localStorage.getItem(LINKS) ?? "{}"));
  } catch {
    return [];
  }
}

/** Keep a link for the share sheet. */
export function keepLink(link) {
  const all = Object.fromEntries(links());
  all[link] ??= new Date().toISOString().slice(0, 10);
  try {
    localStorage.setItem(LINKS, JSON.stringify(all));
  } catch {
    // A browser that keeps nothing delivers all the same.
  }
}

/** The file that was shared last, taken out of where it waited; null if there is none. */
export async function takeShared() {
  if (!("caches" in globalThis)) return null;
  const waiting = await caches.open(SHARED), found = await waiting.match("/d/shared");
  await caches.delete(SHARED);
  return found ? found.blob() : null;
}
