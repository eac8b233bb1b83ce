/** Jobs for later, and jobs that are of no use after a while. */

import { Client, JobFailedError, Server } from "../mod.ts";

const store = "memory:delayed";
await using client = new Client({ store });

const later = await client.enqueue("say", "after 600 ms", { delayMs: 600 });
const sooner = await client.enqueue("say", "at a time of day", {
  runAt: new Date(Date.now() + 300),
});
const now = await client.enqueue("say", "at once");
console.log(later.status, sooner.status, now.status);

// Nobody runs jobs yet. This one is of use only if somebody starts it within 20 ms.
const stale = await client.enqueue("say", "never", { expireAt: Date.now() + 20 });
await new Promise((resolve) => setTimeout(resolve, 30));

await using server = new Server({ store, logLevel: "error" });
server.handle("say", ({ job }) => console.log(job.payload));
await server.start();

await Promise.all([now.result(), sooner.result(), later.result()]);
await stale.result().catch((error) => {
  if (error instanceof JobFailedError) console.log(`${error.job.status}: ${error.job.error}`);
});

// prints:
// scheduled scheduled ready
// at once
// at a time of day
// after 600 ms
// canceled: expired
