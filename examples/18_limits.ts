/** How many jobs run at once, and how fast they start: by type, and for each customer. */

import { Client, memoryStore, Server } from "../mod.ts";

await using store = memoryStore();
await using client = new Client({ store });
await using server = new Server({ store, logLevel: "silent" });

let running = 0;
let most = 0;
server.pool({ name: "all", types: ["*"], concurrency: 20 });
server.handle("report", async () => {
  most = Math.max(most, ++running);
  await new Promise((resolve) => setTimeout(resolve, 5));
  running--;
});
server.handle("call", ({ job }) => console.log(`call for ${job.limitKey}`));

// At most 3 reports at once, on all servers together; each customer gets 2 calls an hour.
await client.limits.set({ type: "report" }, { concurrency: 3 });
await client.limits.set({ type: "call", perKey: true }, { rate: { count: 2, perMs: 3_600_000 } });

const reports = await Promise.all(Array.from({ length: 30 }, () => client.enqueue("report")));
for (const limitKey of ["ada", "ada", "ada", "bob"]) await client.enqueue("call", {}, { limitKey });

await server.start();
for (const report of reports) await report.result();
await server.drain();
console.log(`at most ${most} reports at once`);

const rules = await client.limits.list();
console.log(`${rules.length} rules; the third call for ada waits`);

// prints:
// call for ada
// call for ada
// call for bob
// at most 3 reports at once
// 2 rules; the third call for ada waits
