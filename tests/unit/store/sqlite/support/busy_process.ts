/**
 * Enqueues and settles without end, and writes down each id once it is
 * accepted. Arguments: path, prefix of the ids.
 */

import { claimRequest, completed, newJob, openStore } from "./fixtures.ts";

const [path, prefix] = Deno.args as [string, string];
await using store = await openStore(path, { synchronous: "normal" });
const large = JSON.stringify("x".repeat(5000));
const claim = claimRequest({ server: prefix, limit: 4, leaseMs: 1 });
for (let i = 0;; i += 5) {
  const ids = Array.from({ length: 5 }, (_, k) => `${prefix}-${i + k}`);
  const [first, second, ...rest] = ids.map((id, k) => {
    const dependsOn = [{ id: ids[0]!, onFailure: "continue" as const }];
    return newJob(id, k < 3 ? {} : { settings: { dependsOn } });
  });
  await store.enqueue([[first!], [{ ...second!, payload: large, delayMs: 5 }, ...rest]]);
  Deno.stdout.writeSync(new TextEncoder().encode(ids.map((id) => `${id}\n`).join("")));
  const { jobs } = await store.claim(claim);
  await store.report(jobs.map(({ id, holder }) => ({ id, fence: holder.fence, logs: ["line"] })));
  await store.settle({ outcomes: jobs.slice(1).map(completed), claim });
  await store.reap({ limit: 10, maxDeliveries: 3 });
}
