/**
 * A graph of jobs: each runs once the jobs that it waits for have ended, and reads what they gave.
 * It is written whole or not at all.
 */

import { Client, defineJobs, job, JobFailedError, memoryStore, Server, SkipRetry } from "../mod.ts";

const jobs = defineJobs({
  "download": job<string, { seconds: number }>(),
  "resize": job<number, string>(),
  "publish": job<undefined, string>(),
  "announce": job<string, string>(),
});

await using store = memoryStore();
await using server = new Server({ jobs, store, logLevel: "silent" });
server.handle("download", () => ({ seconds: 90 }));
server.handle("resize", async ({ job }) => {
  const [video] = await job.parents("download");
  if (job.payload > 1080) throw new SkipRetry(`${job.payload}p is more than there is`);
  return `${job.payload}p of ${video?.result?.seconds} s`;
});
server.handle("publish", async ({ job, enqueueChild }) => {
  const sizes = await job.parents("resize");
  await enqueueChild("announce", `${sizes.length} sizes`); // runs when this job has ended
  return sizes.map(({ status, result }) => result ?? status).join(", ");
});
server.handle("announce", ({ job }) => {
  console.log(`announced: ${job.payload}`);
  return job.payload;
});
await server.start();

await using client = new Client({ jobs, store });
const { small, huge, publish, poster } = await client.enqueueGraph({
  video: { type: "download", payload: "https://example.com/a.mp4" },
  small: { type: "resize", payload: 360, dependsOn: ["video"] },
  huge: { type: "resize", payload: 4320, dependsOn: ["video"] },
  // Runs whatever becomes of `huge`.
  publish: { type: "publish", dependsOn: ["small", { job: "huge", onFailure: "continue" }] },
  // Is canceled with it, as without `onFailure` every job is.
  poster: { type: "announce", payload: "a poster", dependsOn: ["huge"] },
});
console.log(await small.result());
console.log(await publish.result());
await server.drain();
await poster.result().catch((error) => {
  if (error instanceof JobFailedError) console.log(error.job.status);
});

// Once the cause is mended, the failed job runs again, and what its end had canceled with it.
await client.control.retry(huge.id, { payload: 1080, revive: true });
console.log(await huge.result());
await poster.result();

// prints:
// 360p of 90 s
// 360p of 90 s, dead_letter
// announced: 2 sizes
// canceled
// 1080p of 90 s
// announced: a poster
