/**
 * The monitor is GQM's REST API. A server serves it beside its workers; `createMonitor` and
 * `serveMonitor` do it without any. Where nobody has to log in, it serves this machine alone.
 */

import { Client, Server } from "../mod.ts";

const store = "memory:monitor";
await using client = new Client({ store });
await using server = new Server({
  store,
  logLevel: "error",
  api: { addr: "127.0.0.1:0", auth: "none" }, // port 0: one that is free
});
server.handle("greet", ({ job }) => `Hello, ${job.payload}!`);
await server.start();

const greeting = await client.enqueue("greet", "Ada");
await greeting.result();

const { url } = server.api!;
const read = async (path: string) => await (await fetch(`${url}${path}`)).json();

console.log("health:", (await read("/health")).status);
const { data: queue } = await read("/api/v1/queues/default");
console.log(`queue ${queue.name}: ${queue.completed} completed`);

const paused = await fetch(`${url}/api/v1/queues/default/pause`, { method: "POST" });
console.log("pause:", (await paused.json()).status);

// A page of another origin, open in the same browser, changes nothing.
const foreign = await fetch(`${url}/api/v1/queues/default/resume`, {
  method: "POST",
  headers: { "origin": "https://evil.example", "x-gqm-csrf": "1" },
});
console.log("resume by another page:", (await foreign.json()).code);

// prints:
// health: ok
// queue default: 1 completed
// pause: paused
// resume by another page: CSRF_REQUIRED
