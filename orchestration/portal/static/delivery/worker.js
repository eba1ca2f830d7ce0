// Keeps what is shared on the phone: the share sheet's request ends here and is not sent on.
const SHARED = "tideline shared";

addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "POST" && url.pathname === "/d/share")
    event.respondWith(kept(event.request));
});

async function kept(request) {
  try {
    const file = (await request.formData()).get("chat");
    if (file instanceof File) {
      const waiting = await caches.open(SHARED);
      await waiting.put("/d/shared", new Response(file));
      return Response.redirect("/d/?shared", 303);
    }
  } catch {
    // Told by the page, for nothing of it may go on to the server.
  }
  return Response.redirect("/d/?lost", 303);
}
