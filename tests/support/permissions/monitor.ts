/** Serves a monitor with a dashboard, looks at that, and logs in: `monitor.ts STORE ADDR [open]`; `open` needs no login, and stays. */

import { createMonitor, hashPassword, serveMonitor } from "../../../mod.ts";
import process from "node:process";

const [, , store = "", addr = "", open] = process.argv;
const password = "correct horse";
const users = [{
  username: "ada",
  passwordHash: await hashPassword(password),
  role: "admin",
}] as const;
const monitor = createMonitor({
  store,
  dashboard: true,
  logLevel: "error",
  auth: open === undefined ? { users } : "none",
});
const served = await serveMonitor(monitor, { addr });
console.log(`serves ${served.url}`);
if (open === undefined) {
  const page = new Request(`${served.url}/dashboard/`, { headers: { host: addr } });
  const shown = await monitor.fetch(page, { remoteAddr: "127.0.0.1" });
  console.log(`dashboard: ${shown.status}`);
  const request = new Request(`${served.url}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json", host: addr },
    body: JSON.stringify({ username: "ada", password }),
  });
  const answer = await monitor.fetch(request, { remoteAddr: "127.0.0.1" });
  console.log(`logged in: ${answer.status}`);
  if (!answer.ok || !shown.ok) process.exitCode = 1;
  await served[Symbol.asyncDispose]();
  await monitor[Symbol.asyncDispose]();
}
