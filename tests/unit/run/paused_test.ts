import { assertEquals } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { Server } from "../../../src/run/server.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";

Deno.test("a server whose thread was blocked for longer than its lease keeps its own jobs", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  await using server = new Server({ store, logLevel: "silent", leaseMs: 300 });
  let runs = 0;
  const blocked = Promise.withResolvers<void>();
  server.handle("slow", async () => {
    runs++;
    await blocked.promise;
    // Time for upkeep and heartbeat, both overdue now, in whichever order.
    await new Promise((resolve) => setTimeout(resolve, 400));
    return "done";
  });
  await server.start();
  const handle = await client.enqueue("slow");
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const until = performance.now() + 700; performance.now() < until;);
  blocked.resolve();
  assertEquals(await handle.result(), "done");
  const job = await handle.job();
  assertEquals([runs, job?.deliveries, job?.attempts.length], [1, 0, 1]);
});
