/** What becomes of a job whose handler throws. */

import { Client, JobFailedError, memoryStore, RetryAfter, Server, SkipRetry } from "../mod.ts";

await using store = memoryStore();
await using server = new Server({ store, logLevel: "silent" });

// Fails twice. Each failure is retried, here after 20 and then 40 ms; the default is 10 s, always.
server.handle("upload", ({ job }) => {
  if (job.attempt < 3) throw new Error(`no answer (attempt ${job.attempt})`);
  return `uploaded at attempt ${job.attempt}`;
}, { backoff: { type: "exponential", baseMs: 20 } });

// Knows how long to wait, as with an HTTP 429.
server.handle("call", ({ job }) => {
  if (job.attempt === 1) throw new RetryAfter(30, "too many requests");
  return "called";
});

// Knows that no retry will help.
server.handle("parse", () => {
  throw new SkipRetry("the file is no image");
});

await server.start();
await using client = new Client({ store });

const upload = await client.enqueue("upload");
console.log(await upload.result());
for (const { attempt, outcome, error } of (await upload.job())!.attempts) {
  console.log(`  ${attempt} ${outcome} ${error?.message ?? ""}`.trimEnd());
}

const call = await client.enqueue("call");
console.log(await call.result());

const parse = await client.enqueue("parse");
await parse.result().catch((error) => {
  if (error instanceof JobFailedError) console.log(`${error.job.status}: ${error.job.error}`);
});

// One retry instead of the handler's three: the second failure is the last.
const hopeless = await client.enqueue("upload", undefined, { maxRetry: 1 });
await hopeless.result().catch(() => {});

const dead = await store.list({ status: "dead_letter", limit: 10 });
for (const { type, error } of dead.jobs) console.log(`dead letter: ${type}: ${error}`);

// prints:
// uploaded at attempt 3
//   1 retry no answer (attempt 1)
//   2 retry no answer (attempt 2)
//   3 completed
// called
// dead_letter: the file is no image
// dead letter: upload: no answer (attempt 2)
// dead letter: parse: the file is no image
