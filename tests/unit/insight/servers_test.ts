import { assertEquals } from "@std/assert";
import { Client, Consumer, memoryStore, Server, type ServerRecord } from "../../../mod.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { VERSION } from "../../../src/version.ts";

const leaseMs = 3000;

async function list(client: Client): Promise<readonly ServerRecord[]> {
  return (await client.servers.list()).servers;
}

Deno.test("Servers lists a server with its pools while it runs", async () => {
  const store = memoryStore();
  await using client = new Client({ store });
  const server = new Server({ store, logLevel: "silent" });
  server.pool({ name: "mail", types: ["email"], queues: ["slow"], concurrency: 3 });
  server.pool({ name: "rest", concurrency: 2 });
  server.handle("email", () => {});
  server.handle("other", () => {});
  server.handle("own", () => {}, { concurrency: 4 });
  await server.start();
  const [found] = await list(client);
  assertEquals(found!.id, server.id);
  assertEquals(found!.busy, [0, 0, 0]);
  assertEquals(found!.about, {
    kind: "server",
    hostname: Deno.hostname(),
    pid: Deno.pid,
    runtime: `deno ${Deno.version.deno}`,
    version: VERSION,
    pools: [
      { name: "mail", types: ["email"], queues: ["slow"], concurrency: 3 },
      { name: "own", types: ["own"], queues: null, concurrency: 4 },
      { name: "rest", types: ["*"], queues: null, concurrency: 2 },
    ],
  });
  await server.stop();
  assertEquals(await list(client), []);
});

Deno.test("Servers tells how many jobs run when a server beats", async () => {
  const clock = new FakeClock();
  const store = memoryStore({ clock });
  await using client = new Client({ store });
  await using server = new Server({ store, clock, leaseMs, logLevel: "silent" });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.pool({ name: "one", concurrency: 5 });
  server.handle("work", () => promise);
  await server.start();
  await client.enqueueMany([{ type: "work" }, { type: "work" }]);
  await clock.advance(leaseMs);
  assertEquals((await list(client)).map(({ busy }) => busy), [[2]]);
  resolve();
  await clock.advance(leaseMs);
  assertEquals((await list(client)).map(({ busy }) => busy), [[0]]);
});

for (const autoExtend of [false, true]) {
  Deno.test(`Servers lists a consumer when autoExtend is ${autoExtend}`, async () => {
    const clock = new FakeClock();
    const store = memoryStore({ clock });
    await using client = new Client({ store });
    const consumer = new Consumer({ store, clock, leaseMs, autoExtend, logLevel: "silent" });
    await client.enqueue("work");
    const [work] = await consumer.claim({ types: ["work"] });
    await clock.advance(leaseMs / 3);
    const [found] = await list(client);
    assertEquals(found!.id, consumer.id);
    assertEquals([found!.about.kind, found!.about.pools, found!.busy], ["consumer", [], [1]]);
    await work!.complete();
    await consumer.close();
    assertEquals(await list(client), []);
  });
}
