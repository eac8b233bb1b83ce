/**
 * Without handlers: `add` enqueues in the background, `claim` gives the jobs to code that settles
 * them by itself. A job that is claimed and forgotten comes back after its lease.
 */

import { BackgroundEnqueuer, Client, Consumer, memoryStore } from "../mod.ts";

await using store = memoryStore();
await using client = new Client({ store });
await using background = new BackgroundEnqueuer({
  enqueue: (...job) => client.enqueue(...job),
  onError: (error, { payload }) => console.error("Cannot enqueue", payload, error),
});

for (const name of ["Ada", "Grace", ""]) background.add("greet", { name }); // waits for nothing
console.log(JSON.stringify(await background.flush()));

await using consumer = new Consumer({ store, leaseMs: 5000, logLevel: "error" });
const works = await consumer.claim({ types: ["greet"], limit: 10, waitMs: 1000 });
for (const work of works) {
  const { name } = work.job.payload as { name: string };
  await work.extend(); // the work may take five more seconds
  if (name === "") await work.fail(new Error("no name"), { retryInMs: 60_000 });
  else await work.complete(`Hello, ${name}`);
  const job = await client.getJob(work.job.id);
  console.log(job?.status, job?.result ?? job?.error);
}
console.log(`left: ${(await consumer.claim({ types: ["greet"] })).length}`);

// prints:
// {"enqueued":3,"failed":0}
// completed Hello, Ada
// completed Hello, Grace
// retry no name
// left: 0
