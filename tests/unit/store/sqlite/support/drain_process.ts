/** Claims, writes down and completes jobs until there are none. Arguments: path, server name. */

import { claimRequest, completed, openStore } from "./fixtures.ts";

const [path, server] = Deno.args as [string, string];
await using store = await openStore(path, { synchronous: "normal" });
const claim = claimRequest({ server, limit: 3 });
let { jobs } = await store.claim(claim);
while (jobs.length > 0) {
  console.log(jobs.map((job) => job.id).join("\n"));
  const { results, claimed } = await store.settle({ outcomes: jobs.map(completed), claim });
  if (results.some((result) => result !== "ok")) throw new Error(`settled: ${results}`);
  jobs = claimed!.jobs;
}
