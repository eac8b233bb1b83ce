/**
 * A server whose main thread is blocked for several leases while jobs run.
 *
 * `blocking_process.ts STORE_URL HOW`, where HOW is `beside` (a thread pool runs a job, and a plain
 * job waits, while something else blocks), `inside` (a plain handler blocks) or `spins` (a thread
 * does, for ever). It prints a line per log entry of note, and ends when its standard input does.
 */

import process from "node:process";
import { Server } from "../../../mod.ts";

// Long enough for a machine that has no time for a process now and then.
const LEASE_MS = 2000;
const BLOCK_MS = 5000;

const [store, how] = process.argv.slice(2);

function block(): void {
  const until = performance.now() + BLOCK_MS;
  while (performance.now() < until);
}

const say = (message: string): void => console.log(message);
const logger = { debug() {}, info() {}, warn: say, error: say };
const server = new Server({ store, logger, leaseMs: LEASE_MS, graceMs: 0 });
if (how !== "inside") {
  server.pool({
    name: "threads",
    isolate: "thread",
    module: new URL("./handlers.ts", import.meta.url),
    types: ["spinFor", "spin"],
    concurrency: 1,
  });
}
if (how === "beside") {
  const started = Promise.withResolvers<void>();
  server.handle("waits", async () => {
    setTimeout(() => {
      block();
      started.resolve();
    }, 300);
    await started.promise;
    return "waited";
  });
} else if (how === "inside") {
  server.handle("blocks", () => {
    say("blocks");
    block();
    return "blocked";
  });
}
await server.start();
say("started");
process.stdin.resume();
process.stdin.once("end", async () => {
  await server.stop({ shutdownTimeoutMs: 0, graceMs: 0 });
  process.exit(0);
});
