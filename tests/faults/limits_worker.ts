/**
 * A server for the tests of limits: appends a line at each start and end of a handler, in
 * the order in which they happen: `what type id fence pid`.
 */

import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import { Server } from "../../mod.ts";

const [url, effects, leaseMs] = process.argv.slice(2) as [string, string, string];
const server = new Server({
  store: url,
  leaseMs: Number(leaseMs),
  maxDeliveries: 1000,
  logLevel: "error",
});
server.pool({ name: "all", types: ["*"], concurrency: 16 });
for (const type of ["capped", "keyed", "rated", "free"]) {
  server.handle(type, async ({ job, fence, signal }) => {
    const line = `${type} ${job.id} ${fence} ${process.pid}\n`;
    appendFileSync(effects, `start ${line}`);
    await delay((job.payload as { ms: number }).ms);
    appendFileSync(effects, `${signal.aborted ? "late" : "end"} ${line}`);
  });
}
await server.run();
