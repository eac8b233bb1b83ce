/** Pools share nothing but the store: one that is busy does not hold up another. */

import { Client, Server } from "../mod.ts";

const store = "memory:pools";

await using client = new Client({ store });
await using server = new Server({ store, logLevel: "error" });

// One slot, kept busy until all mails are out.
const mailsAreOut = Promise.withResolvers<void>();
server.pool({ name: "reports", types: ["report"], concurrency: 1 });
server.handle("report", async () => {
  await mailsAreOut.promise;
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
  await new Promise((resolve) => setTimeout(resolve, 20));
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
for (const mail of mails) await mail.result();
mailsAreOut.resolve();
await Promise.all([report, ...images].map((handle) => handle.result()));
console.log(`at most ${most} resized at once`);

// prints:
// mail from urgent: password reset
// mail from bulk: newsletter 1
// mail from bulk: newsletter 2
// report done
// at most 2 resized at once
