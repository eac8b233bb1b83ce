/** Pools share nothing but the store: one that is busy does not hold up another. */

import { Client, Server } from "../mod.ts";

const store = "memory:pools";
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

await using client = new Client({ store });
await using server = new Server({ store, logLevel: "error" });

// One slot, kept busy by slow work.
server.pool({ name: "reports", types: ["report"], concurrency: 1 });
server.handle("report", async () => {
  await pause(200);
  console.log("report done");
});

// One slot, two queues: `strict` empties the first before it looks at the second. The default,
// `weighted`, prefers the first without starving the second; `round_robin` takes turns.
server.pool({
  name: "mail",
  types: ["mail"],
  queues: ["urgent", "bulk"],
  concurrency: 1,
  strategy: "strict",
});
server.handle("mail", ({ job }) => console.log(`mail from ${job.queue}: ${job.payload}`));

// `concurrency` of a handler: a pool of its own for this type, here with two slots.
let resizing = 0;
let most = 0;
server.handle("resize", async () => {
  most = Math.max(most, ++resizing);
  await pause(20);
  resizing--;
}, { concurrency: 2 });

const report = await client.enqueue("report");
const mails = await client.enqueueMany([
  { type: "mail", payload: "newsletter 1", options: { queue: "bulk" } },
  { type: "mail", payload: "newsletter 2", options: { queue: "bulk" } },
  { type: "mail", payload: "password reset", options: { queue: "urgent" } },
]);
const images = await client.enqueueMany(
  Array.from({ length: 6 }, () => ({ type: "resize" })),
);

await server.start();
await Promise.all([report, ...mails, ...images].map((handle) => handle.result()));
console.log(`at most ${most} resized at once`);

// prints:
// mail from urgent: password reset
// mail from bulk: newsletter 1
// mail from bulk: newsletter 2
// report done
// at most 2 resized at once
