/** A pool of threads: handlers that compute hold up nobody, and end at their time limit. */

import { Client, Server } from "../mod.ts";
import { jobs } from "./threads/handlers.ts";

const store = "memory:threads";
await using client = new Client({ jobs, store });
await using server = new Server({ jobs, store, logLevel: "silent", maxRetry: 0 });

server.pool({
  name: "compute",
  isolate: "thread",
  module: new URL("./threads/handlers.ts", import.meta.url),
  concurrency: 2,
  timeoutMs: 1000,
  // Options of handlers are given here, as the handlers are elsewhere. Callbacks run on this thread.
  handlers: {
    primes: { timeoutMs: 60_000, onSuccess: ({ job }) => console.log(`${job.type} is done`) },
  },
});
await server.start();

const spinning = await client.enqueue("spin", { ms: 5000 });
const primes = await client.enqueue("primes", { below: 10_000 });
console.log(`${await primes.result()} primes`);
await spinning.result().catch((error: Error) => console.log(error.message.replace(/.*: /, "")));

// prints:
// primes is done
// 1229 primes
// Timeout of 1000 ms exceeded
