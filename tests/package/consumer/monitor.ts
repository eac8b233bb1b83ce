/** The monitor: a login, its API, the dashboard and each file that its page names. */

import { equal, match, ok } from "node:assert/strict";
import { createMonitor, hashPassword, memoryStore, serveMonitor } from "@gqm/gqm";

await using store = memoryStore();
await using monitor = createMonitor({
  store,
  dashboard: true,
  auth: {
    users: [{ username: "ada", passwordHash: await hashPassword("secret-of-ada"), role: "viewer" }],
  },
});
await using served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });

equal((await fetch(`${served.url}/api/v1/queues`)).status, 401);
const login = await fetch(`${served.url}/auth/login`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ username: "ada", password: "secret-of-ada" }),
});
equal(login.status, 200);
const cookie = login.headers.getSetCookie().map((text) => text.split(";")[0]).join("; ");
equal((await fetch(`${served.url}/api/v1/queues`, { headers: { cookie } })).status, 200);

const page = await fetch(`${served.url}/dashboard/`, { headers: { cookie } });
const html = await page.text();
match(html, /<title>GQM<\/title>/);
const files = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, path]) => path!);
ok(files.length > 1);
for (const path of files) {
  const { status } = await fetch(new URL(path, page.url), { headers: { cookie } });
  equal(status, 200, path);
}
console.log("monitor: ok");
