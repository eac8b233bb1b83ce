/**
 * A worker process for the fault tests: runs until it is killed or told to
 * stop, and writes a line to a file when a handler starts and when it ends.
 * Runs on Deno, Bun and Node.
 *
 * Arguments: store URL, file of effects, lease in milliseconds, and as JSON
 * what is unusual about it (`Unusual`).
 */

import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import type { Store } from "../../mod.ts";
import { shiftDate } from "../support/shift_date.ts";

/** What may be unusual about a worker. */
export interface Unusual {
  /** How far its clock is off, in milliseconds; its timers go right. */
  readonly clockOffMs?: number;
  /** Where to ask for the Redis master, instead of the URL's host. */
  readonly sentinels?: readonly { readonly host: string; readonly port: number }[];
  /** What the sentinels call the master. */
  readonly name?: string;
  /** Milliseconds that a stop waits for running handlers. */
  readonly shutdownTimeoutMs?: number;
  /** Longest wait for a lost connection, in milliseconds. */
  readonly patienceMs?: number;
}

/** What a job asks for. */
interface Work {
  /** How long its handler waits. */
  readonly ms: number;
  /** How often it fails. */
  readonly failures: number;
  /** A file: once it is there the handler blocks the thread as long as it stays. */
  readonly blockWhile?: string;
}

const [url, effects, leaseMs, more = "{}"] = process.argv.slice(2) as [string, string, string];
const { clockOffMs = 0, sentinels, name, shutdownTimeoutMs, patienceMs }: Unusual = JSON.parse(
  more,
);
if (clockOffMs !== 0) shiftDate(clockOffMs);
const { redisStore, Server } = await import("../../mod.ts");

const server = new Server({
  store: sentinels === undefined ? url : await sentinelStore(),
  leaseMs: Number(leaseMs),
  maxDeliveries: 1000,
  logLevel: "error",
  backoff: { type: "fixed", baseMs: 20 },
  ...(shutdownTimeoutMs === undefined ? {} : { shutdownTimeoutMs, graceMs: 500 }),
});
const runtime = ["deno", "bun"].find((name) => name in process.versions) ?? "node";
const note = (what: string): void => appendFileSync(effects, `${what}\n`);

server.handle("work", async ({ job, fence, signal }) => {
  const { ms, failures, blockWhile } = job.payload as Work;
  note(`start ${job.id} ${fence} ${process.pid} ${runtime}`);
  if (ms > 0) await delay(ms);
  if (blockWhile !== undefined) {
    while (!existsSync(blockWhile)) await delay(5);
    note(`block ${job.id} ${fence} ${process.pid}`);
    while (existsSync(blockWhile));
  }
  if (job.retryCount < failures) throw new Error("planned");
  // Only a holder that still may write has an effect: what a fence is for.
  note(`${signal.aborted ? "late" : "end"} ${job.id} ${fence} ${process.pid}`);
  return fence;
}, { concurrency: 8 });

await server.run();
process.exit(0); // a store that the server was given is not closed by it

async function sentinelStore(): Promise<Store> {
  const { Redis } = await import("ioredis");
  const client = new Redis({ sentinels: [...sentinels!], name: name!, lazyConnect: true });
  const prefix = new URL(url).searchParams.get("prefix") ?? "gqm";
  return redisStore(client, { prefix, ...(patienceMs === undefined ? {} : { patienceMs }) });
}
