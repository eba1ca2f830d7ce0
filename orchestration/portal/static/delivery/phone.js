/** What this phone keeps: its delivery links, and a file that was shared until it is delivered. */

const WORKER_MS = 10_000;
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

/**
 * Have the service worker stand ready that takes what is shared, so that it stays on the phone.
 *
 * @returns {Promise<boolean>} whether it does.
 */
export async function keepWorker() {
  if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return false;
  try {
    await navigator.serviceWorker.register("/d/worker.js", { scope: "/d/" });
    const waited = new Promise((done) => setTimeout(done, WORKER_MS, null));
    const ready = await Promise.race([navigator.serviceWorker.ready, waited]);
    // Of an installed page the browser may keep it even where it makes room for others.
    if (matchMedia("(display-mode: standalone)").matches) navigator.storage?.persist?.();
    return Boolean(ready?.active);
  } catch {
    return false;
  }
}
