/** Uniqueness: when two jobs are the same work, and what is done about the second one. */

import { Client, DuplicateJobError, memoryStore, Server } from "../mod.ts";

await using store = memoryStore();
await using client = new Client({ store });

// The same payload, until the first job has finished. The second one gets its handle.
const report = { unique: { by: "payload" }, onConflict: "existing" } as const;
const first = await client.enqueue("report", { month: 1, year: 2026 }, report);
const second = await client.enqueue("report", { year: 2026, month: 1 }, report);
console.log(`report: ${second.isNew ? "another job" : "the same job"}, ${first.id === second.id}`);

// A key instead. Unless something else is said, the second one is refused.
const sync = { unique: { key: "account-7" } };
await client.enqueue("sync", "a", sync);
await client.enqueue("sync", "b", sync).catch((error) => {
  if (error instanceof DuplicateJobError) console.log(`sync: refused, ${error.existing.status}`);
});

// Debounce: the last one wins, and the delay begins anew.
const index = { unique: { key: "page-1" }, onConflict: "debounce", delayMs: 300 } as const;
for (const text of ["H", "He", "Hello"]) await client.enqueue("index", text, index);

// Throttle: the first one wins, for as long as `ttlMs` says, also when it has run.
const mail = { unique: { key: "ada", ttlMs: 3_600_000 }, onConflict: "throttle" } as const;
for (const text of ["Disk is full", "Disk is still full"]) await client.enqueue("mail", text, mail);

// Rerun: work that changed while it ran is done once more, however often it changed.
const build = { unique: { key: "site" }, onConflict: "rerun" } as const;
let builds = 0;
await using server = new Server({ store, logLevel: "error" });
server.handle("build", async () => {
  if (++builds > 1) return;
  for (let change = 1; change <= 3; change++) await client.enqueue("build", null, build);
});
for (const type of ["report", "sync", "index", "mail"]) {
  server.handle(type, ({ job }) => console.log(`${type}: ${JSON.stringify(job.payload)}`));
}
const page = await client.enqueue("index", "Hello, world", index);
await client.enqueue("build", null, build);
await server.start();
await page.result();
await server.drain();
console.log(`builds: ${builds}`);

// prints:
// report: the same job, true
// sync: refused, ready
// report: {"month":1,"year":2026}
// sync: "a"
// mail: "Disk is full"
// index: "Hello, world"
// builds: 2
