/** One job through a store. Runs on Deno, Bun and Node. */

import { equal } from "node:assert/strict";
import { Client, Server, type Store } from "../../../mod.ts";

/** Enqueues a job, runs it, and waits for its result: all that a store's connections are for. */
export async function roundTrip(store: Store): Promise<void> {
  await using server = new Server({ store, leaseMs: 1000, logLevel: "silent" });
  server.handle("double", ({ job }) => 2 * (job.payload as number), { concurrency: 1 });
  await server.start();
  await using client = new Client({ store });
  const handle = await client.enqueue("double", 21);
  equal(await handle.result(), 42);
}
