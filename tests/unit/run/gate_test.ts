import { assertEquals } from "@std/assert";
import { Gate } from "../../../src/run/gate.ts";
import type { ClaimSource, WakeSource } from "../../../src/store/store.ts";
import { gate, World } from "../../support/world.ts";

const sources: readonly ClaimSource[] = [
  { queue: "q", types: ["a", "b"], share: 2 },
  { queue: null, types: ["a"], share: 1 },
];

Deno.test("Gate lets everything through until a type is closed", () => {
  const closed = new Gate(() => {});
  assertEquals([closed.isOpen("a"), closed.isOpen("never heard of")], [true, true]);
  assertEquals(closed.filter(sources) === sources, true, "at no cost");
});

Deno.test("Gate leaves out closed types, not their sources, whose queues stay named", () => {
  const closed = new Gate(() => {});
  closed.close("a");
  assertEquals([closed.isOpen("a"), closed.isOpen("b")], [false, true]);
  assertEquals(closed.filter(sources), [
    { queue: "q", types: ["b"], share: 2 },
    { queue: null, types: [], share: 1 },
  ]);
  closed.close("b");
  assertEquals(closed.filter(sources), undefined, "nothing is left to ask for");
  assertEquals(closed.filter([]), undefined);
  assertEquals(sources[0]?.types, ["a", "b"], "the pool's own list stays");
});

Deno.test("Gate tells once when a type is closed, and once when it opens", () => {
  let told = 0;
  const gate = new Gate(() => told++);
  gate.open("a");
  assertEquals(told, 0, "it was not closed");
  gate.close("a");
  gate.close("a");
  assertEquals([told, gate.isOpen("a")], [1, false]);
  gate.open("a");
  gate.open("a");
  assertEquals([told, gate.isOpen("a")], [2, true]);
});

/** A server whose handlers of these types write down what they run. */
async function serve(world: World, types: readonly string[], options: object = {}) {
  const seen: string[] = [];
  const server = world.server();
  for (const type of types) server.handle(type, () => void seen.push(type), options);
  await server.start();
  await world.flush();
  return { server, seen };
}

Deno.test("a closed type waits, others of its pool run, and open runs what has waited", async () => {
  await using world = new World();
  const { server, seen } = await serve(world, ["a", "b"]);
  server.gate.close("a");
  await world.client.enqueueMany([{ type: "a" }, { type: "b" }, { type: "a" }]);
  await world.flush();
  assertEquals(seen, ["b"]);
  server.gate.open("a");
  await world.flush();
  assertEquals(seen, ["b", "a", "a"]);
});

Deno.test("a pool of nothing but closed types asks for nothing, and wakes when one opens", async () => {
  await using world = new World();
  const { server, seen } = await serve(world, ["a"], { concurrency: 3 });
  server.gate.close("a");
  const claims = world.store.calls("claim").length;
  await world.client.enqueueMany([{ type: "a" }, { type: "a" }]);
  await world.flush();
  await world.clock.advance(60_000);
  assertEquals([seen, world.store.calls("claim").length], [[], claims]);
  server.gate.open("a");
  await world.flush();
  assertEquals(seen, ["a", "a"]);
});

Deno.test("a delayed job of a closed type runs when the type opens after its time", async () => {
  await using world = new World();
  const { server, seen } = await serve(world, ["a"]);
  const { id } = await world.client.enqueue("a", null, { delayMs: 100 });
  await world.flush();
  server.gate.close("a");
  await world.clock.advance(5000);
  assertEquals([seen, (await world.record(id)).status], [[], "ready"]);
  server.gate.open("a");
  await world.flush();
  assertEquals(seen, ["a"]);
});

Deno.test("a delayed job runs on time when its type was closed and opened before", async () => {
  await using world = new World();
  const { server, seen } = await serve(world, ["a"]);
  server.gate.close("a");
  await world.client.enqueue("a", null, { delayMs: 100 });
  await world.flush();
  server.gate.open("a");
  await world.flush();
  await world.clock.advance(99);
  assertEquals(seen, []);
  await world.clock.advance(1);
  await world.flush();
  assertEquals(seen, ["a"]);
});

Deno.test("what runs goes on when its type is closed, and is settled", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server().handle("a", () => opened.then(() => "done"), { concurrency: 1 });
  await server.start();
  const [first, second] = await world.client.enqueueMany([{ type: "a" }, { type: "a" }]);
  await world.flush();
  server.gate.close("a");
  open();
  assertEquals(await first.result(), "done");
  await world.flush();
  assertEquals((await second.job())?.status, "ready");
  server.gate.open("a");
  assertEquals(await second.result(), "done");
});

Deno.test("a gate is one server's: others run the type", async () => {
  await using world = new World();
  const { server, seen } = await serve(world, ["a"]);
  const other = await serve(world, ["a"]);
  server.gate.close("a");
  await (await world.client.enqueue("a")).result();
  assertEquals([seen, other.seen], [[], ["a"]]);
  assertEquals(other.server.gate.isOpen("a"), true);
});

Deno.test("a type may be closed before the server starts, and one without a handler at any time", async () => {
  await using world = new World();
  const seen: string[] = [];
  const server = world.server().handle("a", () => void seen.push("a"));
  server.gate.close("a");
  server.gate.close("other");
  server.gate.open("other");
  await world.client.enqueue("a");
  await server.start();
  await world.flush();
  assertEquals(seen, []);
  server.gate.open("a");
  await world.flush();
  assertEquals(seen, ["a"]);
});

Deno.test("drain and stop do not wait for jobs of a closed type", async () => {
  await using world = new World();
  const { server, seen } = await serve(world, ["a"]);
  server.gate.close("a");
  await world.client.enqueue("a");
  await server.drain();
  await server.stop();
  server.gate.open("a");
  await world.flush();
  assertEquals(seen, []);
});

Deno.test("jobs whose claim is on its way when their type is closed are not started", async () => {
  await using world = new World();
  const { server, seen } = await serve(world, ["a"]);
  const { opened, open } = gate();
  world.store.on("claim", async ({ run }) => {
    const reply = await run();
    await opened;
    return reply;
  });
  const { id } = await world.client.enqueue("a");
  await world.flush();
  server.gate.close("a");
  open();
  await world.flush();
  const { status, attemptsMade } = await world.record(id);
  assertEquals([seen, status, attemptsMade], [[], "ready", 0], "close says: no more are started");
});

Deno.test("a pool of nothing but closed types does not wait for a wake, which is for another server", async () => {
  await using world = new World();
  let waiting = 0;
  const subscribe = (sources: readonly ClaimSource[]): WakeSource => {
    const inner = world.store.subscribe(sources);
    if (sources.length === 0) return inner; // upkeep's
    const next: WakeSource["next"] = (signal) => {
      waiting++;
      return inner.next(signal).finally(() => waiting--);
    };
    return { next, full: () => inner.full?.(), [Symbol.dispose]: () => inner[Symbol.dispose]() };
  };
  const store = new Proxy(world.store, {
    get: (target, name) => {
      const value: unknown = name === "subscribe" ? subscribe : Reflect.get(target, name, target);
      return typeof value === "function" && value !== subscribe ? value.bind(target) : value;
    },
  });
  const server = world.server({ store }).handle("a", () => 1);
  await server.start();
  await world.flush();
  assertEquals(waiting, 1);
  server.gate.close("a");
  await world.client.enqueue("a");
  await world.flush();
  // On Redis a wake goes to one of those who wait: who cannot use it must not take it.
  assertEquals(waiting, 0);
});
