/** A batch handler gets what one claim brings, up to `size` jobs; each of them ends on its own. */

import { Client, memoryStore, Server } from "../mod.ts";

await using store = memoryStore();
await using client = new Client({ store });
for (const row of ["a", "b", "", "c", "d"]) await client.enqueue("row.write", row);

await using server = new Server({ store, logLevel: "silent", maxRetry: 0 });
server.handleBatch("row.write", ({ jobs }) => {
  const rows: unknown[] = [];
  for (const { job, fail } of jobs) {
    if (job.payload === "") fail(new Error("empty row"));
    else rows.push(job.payload);
  }
  console.log(`one write for ${rows.join(", ")}`);
}, {
  size: 4,
  onComplete: ({ job, status }) => console.log(`'${job.payload}': ${status}`),
});
await server.start();
await server.drain();

// prints:
// one write for a, b, c
// '': dead_letter
// 'a': completed
// 'b': completed
// 'c': completed
// one write for d
// 'd': completed
