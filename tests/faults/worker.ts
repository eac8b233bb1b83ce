/**
 * A worker process for the fault tests: runs until it is killed, and writes a
 * line to a file when a handler starts and when it ends.
 *
 * Arguments: store URL, file of effects, lease in milliseconds.
 */

import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import { Server } from "../../mod.ts";

const [store, effects, leaseMs] = process.argv.slice(2) as [string, string, string];
const server = new Server({
  store,
  leaseMs: Number(leaseMs),
  maxDeliveries: 1000,
  logLevel: "error",
  backoff: { type: "fixed", baseMs: 20 },
});
const note = (what: string): void => appendFileSync(effects, `${what}\n`);

server.handle("work", async ({ job, fence, signal }) => {
  const { ms, failures } = job.payload as { ms: number; failures: number };
  note(`start ${job.id} ${fence} ${process.pid}`);
  await delay(ms);
  if (job.retryCount < failures) throw new Error("planned");
  // Only a holder that still may write has an effect: what a fence is for.
  note(`${signal.aborted ? "late" : "end"} ${job.id} ${fence} ${process.pid}`);
  return fence;
}, { concurrency: 8 });

await server.run();
