/**
 * Middleware runs around every handler, within the attempt. Callbacks run after the attempt's end
 * is in the store; they hold no slot, and what they throw harms nothing.
 */

import { Client, type Middleware, Server } from "../mod.ts";

const timing: Middleware = async ({ job }, next) => {
  console.log(`${job.type}: before`);
  try {
    return await next();
  } finally {
    console.log(`${job.type}: after`);
  }
};

const store = "memory:middleware";
await using server = new Server({ store, logLevel: "silent" });
server.use(timing);

server.handle("good", () => 42, {
  onSuccess: ({ result }) => console.log(`good: onSuccess with ${result}`),
  onComplete: ({ status }) => console.log(`good: onComplete as ${status}`),
});
server.handle("bad", () => {
  throw new Error("no luck");
}, {
  maxRetry: 0,
  onFailure: ({ error }) => console.log(`bad: onFailure with ${(error as Error).message}`),
  onComplete: ({ status }) => console.log(`bad: onComplete as ${status}`),
});
await server.start();

await using client = new Client({ store });
for (const type of ["good", "bad"]) {
  await client.enqueue(type);
  await server.drain(); // until nothing runs, callbacks included
}

// prints:
// good: before
// good: after
// good: onSuccess with 42
// good: onComplete as completed
// bad: before
// bad: after
// bad: onFailure with no luck
// bad: onComplete as dead_letter
