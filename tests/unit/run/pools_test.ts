import { assertAlmostEquals, assertEquals } from "@std/assert";
import { seededRng } from "../../../src/rng.ts";
import type { Strategy } from "../../../src/claim/strategy.ts";
import { gate, never, World } from "../../support/world.ts";

Deno.test("a pool full of hanging handlers does not slow another", async () => {
  await using world = new World();
  const server = world.server();
  server.pool({ name: "slow", types: ["hang"], concurrency: 2 });
  server.pool({ name: "fast", types: ["quick"], concurrency: 2 });
  server.handle("hang", never).handle("quick", ({ job }) => job.payload);
  await server.start();
  for (let i = 0; i < 10; i++) await world.client.enqueue("hang");
  const start = world.clock.mono();
  const handles = await Promise.all(
    Array.from({ length: 200 }, (_, i) => world.client.enqueue("quick", i)),
  );
  await Promise.all(handles.map((handle) => handle.result()));
  assertEquals(world.clock.mono() - start, 0, "no time passed");
});

Deno.test("a pool whose store calls hang does not stop another", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server();
  server.pool({ name: "a", types: ["a"] }).pool({ name: "b", types: ["b"] });
  server.handle("a", () => 1).handle("b", () => 2);
  await server.start();
  await world.flush();
  world.store.on("claim", ({ args: [{ pool }], run }) => pool === "a" ? opened.then(run) : run());
  const [a, b] = [await world.client.enqueue("a"), await world.client.enqueue("b")];
  assertEquals(await b.result(), 2);
  open();
  assertEquals(await a.result(), 1);
});

for (const concurrency of [1, 3, 50]) {
  Deno.test(`a pool runs ${concurrency} jobs at a time, no more`, async () => {
    await using world = new World();
    let running = 0;
    let most = 0;
    const server = world.server();
    server.pool({ name: "p", types: ["a", "b"], concurrency });
    const handler = async (): Promise<void> => {
      most = Math.max(most, ++running);
      for (let i = 0; i < 3; i++) await undefined;
      running--;
    };
    server.handle("a", handler).handle("b", handler);
    const handles = await Promise.all(
      Array.from({ length: 200 }, (_, i) => world.client.enqueue(i % 2 ? "a" : "b")),
    );
    await server.start();
    await Promise.all(handles.map((handle) => handle.result()));
    assertEquals(most, concurrency);
  });
}

Deno.test("a server claims only types that it handles", async () => {
  await using world = new World();
  const server = world.server().pool({ name: "p", types: ["a", "unhandled"] });
  server.handle("a", () => 1);
  await server.start();
  const other = await world.client.enqueue("unhandled");
  const unknown = await world.client.enqueue("unknown");
  await (await world.client.enqueue("a")).result();
  await world.clock.advance(20_000);
  for (const { id } of [other, unknown]) assertEquals((await world.record(id)).status, "ready");
});

Deno.test("a handler with slots of its own takes jobs of every queue, that of no name too", async () => {
  await using world = new World();
  const server = world.server();
  server.handle("email.send", ({ job }) => job.queue, { concurrency: 2 });
  server.handle("other", ({ job }) => job.queue);
  await server.start();
  for (const type of ["email.send", "other"]) {
    const [plain, named] = [
      await world.client.enqueue(type),
      await world.client.enqueue(type, null, { queue: "email.send" }),
    ];
    assertEquals([await plain.result(), await named.result()], ["default", "email.send"], type);
  }
});

Deno.test("a pool with queues takes from no other", async () => {
  await using world = new World();
  const server = world.server().pool({ name: "p", types: ["t"], queues: ["x", "y"] });
  server.handle("t", ({ job }) => job.queue);
  await server.start();
  const elsewhere = await world.client.enqueue("t");
  const x = await world.client.enqueue("t", null, { queue: "x" });
  const y = await world.client.enqueue("t", null, { queue: "y" });
  assertEquals([await x.result(), await y.result()], ["x", "y"]);
  await world.clock.advance(20_000);
  assertEquals((await world.record(elsewhere.id)).status, "ready");
});

Deno.test("a catch-all takes what the other pools leave, on queues that come later too", async () => {
  await using world = new World();
  const server = world.server();
  server.pool({ name: "mail", types: ["mail"], queues: ["mail"] }).pool({ name: "rest" });
  server.handle("mail", ({ job }) => job.queue).handle("other", ({ job }) => job.queue);
  await server.start();
  const poolOf = async (type: string, queue: string): Promise<string | undefined> => {
    const handle = await world.client.enqueue(type, null, { queue });
    await handle.result();
    return (await handle.job())?.attempts[0]?.pool;
  };
  assertEquals(await poolOf("mail", "mail"), "mail");
  assertEquals(await poolOf("mail", "new"), "rest");
  assertEquals(await poolOf("other", "mail"), "rest");
  assertEquals(await poolOf("other", "newer"), "rest");
});

/** In which order a pool of one slot takes from full queues. */
async function taken(strategy: Strategy, jobs: number, concurrency = 1): Promise<string> {
  await using world = new World();
  let order = "";
  const server = world.server({ rng: seededRng(5) });
  server.pool({ name: "p", types: ["t"], queues: ["a", "b", "c"], strategy, concurrency });
  server.handle("t", ({ job }) => void (order += job.queue));
  for (const queue of ["c", "b", "a"]) {
    const items = Array.from({ length: jobs }, () => ({ type: "t", options: { queue } }));
    await world.client.enqueueMany(items);
  }
  await server.start();
  await server.drain();
  return order;
}

Deno.test("strict empties the first listed queue, then the next", async () => {
  assertEquals(await taken("strict", 5), "aaaaabbbbbccccc");
});

Deno.test("round_robin takes from each queue in turn", async () => {
  assertEquals(await taken("round_robin", 5), "abcabcabcabcabc");
});

for (const concurrency of [1, 4]) {
  Deno.test(`weighted takes 3 : 2 : 1 of three full queues with ${concurrency} slots`, async () => {
    const order = (await taken("weighted", 900, concurrency)).slice(0, 1500);
    for (const [i, queue] of ["a", "b", "c"].entries()) {
      const share = [...order].filter((char) => char === queue).length / order.length;
      assertAlmostEquals(share, (3 - i) / 6, 0.05, queue);
    }
  });
}

for (const strategy of ["strict", "round_robin", "weighted"] as const) {
  Deno.test(`${strategy} takes what there is when only the last queue has work`, async () => {
    await using world = new World();
    const server = world.server();
    server.pool({ name: "p", types: ["t"], queues: ["a", "b", "c"], strategy });
    server.handle("t", () => "ran");
    await server.start();
    for (let i = 0; i < 5; i++) {
      assertEquals(await (await world.client.enqueue("t", null, { queue: "c" })).result(), "ran");
    }
  });
}
