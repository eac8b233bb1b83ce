/** The library: a job goes through the store of `STORE`, and its result comes back. */

import { equal, rejects } from "node:assert/strict";
import process from "node:process";
import { Client, defineJobs, job, JobFailedError, Server, SkipRetry } from "@gqm/gqm";

const store = process.env.STORE!;
const jobs = defineJobs({
  "greet": job<{ name: string }, string>(),
  "fail": job<void, never>(),
});

await using server = new Server({ jobs, store, logLevel: "silent" });
server.handle("greet", ({ job }) => `Hello, ${job.payload.name}`);
server.handle("fail", () => {
  throw new SkipRetry("as it was told");
});
await server.start();

await using client = new Client({ jobs, store });
const greeting = await client.enqueue("greet", { name: "Ada" });
equal(await greeting.result(), "Hello, Ada");
const failing = await client.enqueue("fail");
await rejects(failing.result(), JobFailedError);

const graph = await client.enqueueGraph({
  first: { type: "greet", payload: { name: "Ada" } },
  second: { type: "greet", payload: { name: "Grace" }, dependsOn: ["first"] },
});
equal(await graph.second.result(), "Hello, Grace");
console.log(`library: ${(await client.info()).kind}`);
