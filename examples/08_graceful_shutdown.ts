/**
 * `stop` waits for what runs, then asks it to stop, then gives it back. A job that is given back
 * has used up neither an attempt nor a retry.
 */

import { Client, memoryStore, Server, ShutdownError } from "../mod.ts";

await using store = memoryStore();

/** Waits, unless the signal aborts first. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

let begun = 0;
const bothBegan = Promise.withResolvers<void>();

/** Waits 300 ms for running jobs, and 50 ms more after their signals were aborted. */
function makeServer(): Server {
  const server = new Server({ store, shutdownTimeoutMs: 300, graceMs: 50, logLevel: "error" });
  server.pool({ name: "all", concurrency: 2 });
  server.handle("work", async ({ job, signal }) => {
    const ms = Number(job.payload);
    console.log(`${ms} ms of work: attempt ${job.attempt} begins`);
    if (++begun === 2) bothBegan.resolve();
    try {
      await pause(ms, signal);
    } catch (reason) {
      if (reason instanceof ShutdownError) console.log(`${ms} ms of work: stops early`);
      throw reason;
    }
    return `${ms} ms of work: done`;
  });
  return server;
}

await using client = new Client({ store });
const first = makeServer();
await first.start();
const short = await client.enqueue("work", 50);
const long = await client.enqueue("work", 1000);
await bothBegan.promise;

// `run` instead of `start` does this on SIGINT and SIGTERM.
await first.stop();
console.log(await short.result());
console.log(`after the stop: ${(await long.job())?.status}`);

await using second = makeServer();
await second.start();
console.log(await long.result());

// prints:
// 50 ms of work: attempt 1 begins
// 1000 ms of work: attempt 1 begins
// 1000 ms of work: stops early
// 50 ms of work: done
// after the stop: ready
// 1000 ms of work: attempt 1 begins
// 1000 ms of work: done
