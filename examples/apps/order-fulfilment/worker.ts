/**
 * A worker, in a process of its own: it may die at any moment, and others go on with its jobs.
 *
 * It is started by main.ts, with the store and the partners' address as arguments.
 */

import process from "node:process";
import { Server } from "../../../mod.ts";
import { type Closed, jobs } from "./jobs.ts";
import { Partner } from "./partner.ts";

const [store, url = ""] = process.argv.slice(2);
const partner = new Partner(url);

const server = new Server({
  jobs,
  store,
  logLevel: "silent",
  leaseMs: 2000, // so that the demo is short; leave the default of 15 s
  timeoutMs: 20_000,
  backoff: { type: "exponential", baseMs: 100 },
});

server.handle("stock.reserve", ({ job, signal }) => partner.ask("reserve", job.payload, signal));
server.handle("payment.charge", ({ job, signal }) => partner.ask("charge", job.payload, signal));
server.handle("shipment.book", ({ job, signal }) => partner.ask("ship", job.payload, signal));

server.handle("order.close", async ({ job, signal }): Promise<Closed> => {
  const steps = await job.parents();
  if (steps.every(({ status }) => status === "completed")) {
    return { outcome: "shipped", undone: [] };
  }
  // A step that failed may have been done all the same: its answer can have been lost. So all are
  // taken back, the last one first, and the partners know what there is to take back.
  const undone: string[] = [];
  for (const deed of ["ship", "charge", "reserve"] as const) {
    if (await partner.undo(deed, job.payload, signal)) undone.push(deed);
  }
  const failed = steps.find(({ status }) => status !== "completed");
  return { outcome: "canceled", reason: failed?.error ?? "no longer known", undone };
}, { maxRetry: 20 }); // half an order is worse than a late one

// Until SIGTERM, or until the shop has gone, whatever ended it.
const alone = new AbortController();
process.once("disconnect", () => alone.abort());
await server.run({ signal: alone.signal });
if (process.connected) process.disconnect();
