import { assertEquals, assertRejects } from "@std/assert";
import type { PauseOptions } from "../../../src/control/control.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { gate, World } from "../../support/world.ts";

/** A server for the types `t` and `u` in all queues that writes down what it runs. */
async function serve(world: World): Promise<string[]> {
  const seen: string[] = [];
  const server = world.server();
  for (const type of ["t", "u"]) {
    server.handle(type, ({ job }) => void seen.push(`${job.queue}/${type}`));
  }
  await server.start();
  await world.flush();
  return seen;
}

/** Enqueues each type in each queue, and gives what has run by then. */
async function runAll(world: World, seen: string[]): Promise<string[]> {
  seen.length = 0;
  for (const queue of ["a", "b"]) {
    for (const type of ["t", "u"]) await world.client.enqueue(type, null, { queue });
  }
  await world.flush();
  return seen.toSorted();
}

const all = ["a/t", "a/u", "b/t", "b/u"];

const targets: readonly [PauseOptions, string[]][] = [
  [{ queue: "a" }, ["b/t", "b/u"]],
  [{ type: "t" }, ["a/u", "b/u"]],
  [{ queue: "a", type: "t" }, ["a/u", "b/t", "b/u"]],
  [{ queue: "none" }, all],
];

for (const [target, running] of targets) {
  Deno.test(`pause of ${JSON.stringify(target)} keeps back what it covers, until resume`, async () => {
    await using world = new World();
    const seen = await serve(world);
    const { control } = world.client;
    await control.pause(target);
    await control.pause(target);
    assertEquals(await control.paused(), [target], "twice is once");
    assertEquals(await runAll(world, seen), running);
    await control.resume(target);
    await world.flush();
    assertEquals(seen.toSorted(), all, "what had waited runs, though nothing else happened");
    await control.resume(target);
    assertEquals(await control.paused(), []);
    assertEquals(await runAll(world, seen), all);
  });
}

Deno.test("each target is a switch of its own", async () => {
  await using world = new World();
  const seen = await serve(world);
  const { control } = world.client;
  await control.pause({ queue: "a" });
  await control.pause({ type: "t" });
  await control.pause({ queue: "a", type: "t" });
  assertEquals(await runAll(world, seen), ["b/u"]);
  await control.resume({ queue: "a" });
  await world.flush();
  assertEquals(seen.toSorted(), ["a/u", "b/u"]);
  await control.resume({ type: "t" });
  await world.flush();
  assertEquals(seen.toSorted(), ["a/u", "b/t", "b/u"]);
  await control.resume({ queue: "a", type: "t" });
  await world.flush();
  assertEquals(seen.toSorted(), all);
});

Deno.test("isPaused tells whether nothing of a target is started", async () => {
  await using world = new World();
  const { control } = world.client;
  const asked = [
    { queue: "a" },
    { queue: "b" },
    { type: "t" },
    { type: "u" },
    { queue: "a", type: "t" },
    { queue: "a", type: "u" },
    { queue: "b", type: "t" },
  ];
  const answers = async (target: PauseOptions): Promise<string> => {
    await control.pause(target);
    const told = await Promise.all(asked.map((one) => control.isPaused(one)));
    await control.resume(target);
    return told.map((yes) => yes ? "x" : ".").join("");
  };
  assertEquals(await answers({ queue: "a" }), "x...xx.");
  assertEquals(await answers({ type: "t" }), "..x.x.x");
  assertEquals(await answers({ queue: "a", type: "t" }), "....x..");
  assertEquals(
    await Promise.all(asked.map((one) => control.isPaused(one))),
    asked.map(() => false),
  );
});

Deno.test("what runs goes on when its queue is paused, and its retry waits", async () => {
  await using world = new World();
  const { opened, open } = gate();
  let runs = 0;
  const server = world.server({ backoff: { type: "fixed", baseMs: 10 } });
  await server.handle("t", async ({ signal }) => {
    await opened;
    signal.throwIfAborted();
    if (++runs === 1) throw new Error("no");
    return "done";
  }).start();
  const handle = await world.client.enqueue("t");
  await world.flush();
  await world.client.control.pause({ queue: "default" });
  open();
  await world.flush();
  await world.clock.advance(1000);
  assertEquals([runs, (await handle.job())?.status], [1, "ready"], "due, but not started");
  await world.client.control.resume({ queue: "default" });
  assertEquals(await handle.result(), "done");
});

Deno.test("a paused queue takes new jobs, and promote makes one ready there", async () => {
  await using world = new World();
  const { control } = world.client;
  await control.pause({ queue: "default" });
  const handle = await world.client.enqueue("t", null, { delayMs: 100 });
  assertEquals(await control.promote(handle.id), true);
  assertEquals((await handle.job())?.status, "ready");
  assertEquals(await control.cancel(handle.id), true);
});

const any = (value: unknown): PauseOptions => value as PauseOptions;
const wrong: readonly [unknown, string][] = [
  [{}, "'queue' must be given unless 'type' is: current value is undefined"],
  [null, "'options' must be an object: current value is null"],
  ["default", "'options' must be an object: current value is 'default'"],
  [{ queue: "a b" }, "'queue' must be 1 to 128 of the characters"],
  [{ queue: null }, "'queue' must be 1 to 128 of the characters"],
  [{ type: "" }, "'type' must be a string of 1 to 256 characters"],
  [{ queues: ["a"] }, "'queues' must not be given: the options are queue, type"],
];

for (const [target, message] of wrong) {
  Deno.test(`pause, resume and isPaused refuse ${JSON.stringify(target)}`, async () => {
    await using world = new World();
    const { control } = world.client;
    const calls: readonly [string, () => Promise<unknown>][] = [
      ["pause", () => control.pause(any(target))],
      ["resume", () => control.resume(any(target))],
      ["tell whether it is paused", () => control.isPaused(any(target))],
    ];
    for (const [action, call] of calls) {
      const error = await assertRejects(call, InvalidOptionError);
      assertEquals(error.message.startsWith(`Cannot ${action} as ${message}`), true, error.message);
    }
    assertEquals(world.store.calls("pause").length, 0);
  });
}
