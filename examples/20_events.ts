/** Events: listen to what happens on one server, and to what happens in the whole store. */

import { Client, memoryStore, Server, SkipRetry } from "../mod.ts";

await using store = memoryStore();
await using client = new Client({ store });
await using server = new Server({ store, logLevel: "silent" });

server.handle("resize", async ({ job, progress }) => {
  if (job.payload === "text.txt") throw new SkipRetry("no picture");
  await progress(0.5, "half done");
});

server.on("job.started", ({ id, attempt }) => console.log(`${id}: attempt ${attempt} begins`));
server.on("job.progress", ({ id, message }) => console.log(`${id}: ${message}`));
server.on("job.completed", ({ id }) => console.log(`${id}: completed`));
server.on("job.dead_lettered", ({ id, error }) => console.log(`${id}: ${error}`));
{
  // What listens can be ended: by a signal, by a call, or with its block.
  using _all = server.on("*", ({ event }) => console.log(event));
  await server.start();
}

for (const file of ["cat.png", "text.txt"]) {
  await client.enqueue("resize", file, { id: file });
  await server.drain();
}
await server.stop();

// What any process does: begins when `listening` resolves, and goes on from a cursor.
const events = client.events();
await events.listening;
const elsewhere = new Client({ store });
await elsewhere.enqueue("resize", "dog.png", { id: "dog.png" });
await elsewhere.control.cancel("dog.png", { reason: "not needed" });
await elsewhere.close();
for await (const event of events) {
  if (!("id" in event)) continue;
  console.log(`store: ${event.id} ${event.kind}, now ${event.status}`);
  if (event.kind === "canceled") break;
}

// prints:
// pool.started
// server.started
// cat.png: attempt 1 begins
// cat.png: half done
// cat.png: completed
// text.txt: attempt 1 begins
// text.txt: no picture
// store: dog.png created, now ready
// store: dog.png canceled, now canceled
