/** Control: what people do to jobs at three in the morning. Each verb does no harm if repeated. */

import { Client, JobCanceledError, memoryStore, Server } from "../mod.ts";

await using store = memoryStore();
await using client = new Client({ store });
const { control } = client;

await using server = new Server({ store, maxRetry: 0, logLevel: "silent" });
server.handle("import", ({ job }) => {
  if (job.payload === "") throw new Error("no file");
  return `imported ${job.payload}`;
});
const running = Promise.withResolvers<void>();
server.handle("export", ({ signal }) => {
  running.resolve();
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}, {
  onFailure: ({ error }) => {
    if (error instanceof JobCanceledError) console.log(`export stops: ${error.reason}`);
  },
});
await server.start();

// Canceling a job that runs aborts its handler's signal, in whatever process it is.
const endless = await client.enqueue("export");
await running.promise;
const changed = await control.cancel(endless.id, { reason: "takes too long" });
await server.drain();
console.log(changed, await control.cancel(endless.id)); // the second time there is nothing to do

// A paused type is not started by any server; what is enqueued waits.
await control.pause({ type: "import" });
const jobs = await client.enqueueMany(
  ["a", "", ""].map((payload) => ({ type: "import", payload })),
);
await server.drain();
console.log((await jobs[0]!.job())?.status, await control.isPaused({ type: "import" }));
await control.resume({ type: "import" });
console.log(await jobs[0]!.result());
await server.drain();

// Two have failed. One is retried with another payload, what is then left is removed.
await control.retry(jobs[1]!.id, { payload: "b" });
console.log(await jobs[1]!.result());
const { changed: removed } = await control.removeAll({ status: "dead_letter", type: "import" });
console.log(`removed: ${removed}`);

// prints:
// export stops: takes too long
// true false
// ready true
// imported a
// imported b
// removed: 1
