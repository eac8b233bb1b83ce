/** A handler tells how far it is; whoever holds the job's id can read it. */

import { Client, Server } from "../mod.ts";

const store = "memory:progress";
await using server = new Server({ store, logLevel: "error" });

const goOn = Promise.withResolvers<void>();
server.handle("import", async ({ progress, log }) => {
  await log("opened people.csv");
  await progress(0.5, "500 of 1000 rows");
  await goOn.promise; // the rest of the work
  await log("closed people.csv");
  await progress(1, "1000 of 1000 rows");
});
await server.start();

await using client = new Client({ store });
const { id, result } = await client.enqueue("import");

let job = await client.getJob(id);
while (job?.progress === undefined) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  job = await client.getJob(id);
}
console.log(job.status, job.progress.value, job.progress.message);

goOn.resolve();
await result();
job = await client.getJob(id);
console.log(job?.status, job?.progress?.value, job?.progress?.message);
for (const line of job?.logs ?? []) console.log(`log: ${line.text}`);

// prints:
// processing 0.5 500 of 1000 rows
// completed 1 1000 of 1000 rows
// log: opened people.csv
// log: closed people.csv
