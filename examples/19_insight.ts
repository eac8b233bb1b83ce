/**
 * How it goes: what ended in which minute and how long it took, what there is now,
 * and what fails, by kind of failure.
 */

import { Client, memoryStore, Server } from "../mod.ts";

const store = memoryStore();
await using client = new Client({ store });
await using server = new Server({ store, logLevel: "silent" });

server.handle("mail", ({ job }) => {
  const { to } = job.payload as { to: string };
  if (!to.includes("@")) throw new Error(`No mail server for customer ${to}`);
}, { maxRetry: 0 });

for (const to of ["ada@example.com", "bob@example.com", "1815", "1912"]) {
  await client.enqueue("mail", { to });
}
await client.enqueue("mail", { to: "eve@example.com" }, { delayMs: 3_600_000 });
await server.start();
await server.drain();

const points = await client.insight.series({ type: "mail" });
const ended = points.filter(({ runMs }) => runMs !== null);
console.log("completed", ended.reduce((sum, { completed }) => sum + completed, 0));
console.log("failed", ended.reduce((sum, { failures }) => sum + failures, 0));
console.log("run times known", ended.reduce((sum, { runMs }) => sum + runMs!.count, 0));

const { counts, queues } = await client.insight.stats();
console.log("scheduled", counts.scheduled, "dead letters", counts.dead_letter);
console.log("of queue", queues[0]?.queue, queues[0]?.totals.completed);

const { groups: [group] } = await client.insight.errors.list();
console.log(`${group?.count} × ${group?.name}: ${group?.message}`);
const [dead] = await Promise.all(group!.jobIds.map((id) => client.getJob(id)));
console.log("group of its attempt", dead?.attempts[0]?.error?.fingerprint === group?.fingerprint);

// prints:
// completed 2
// failed 2
// run times known 4
// scheduled 1 dead letters 2
// of queue default 2
// 2 × Error: No mail server for customer 1912
// group of its attempt true
