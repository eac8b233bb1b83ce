import { assertEquals } from "@std/assert";
import type { AttemptEnd, HandlerOptions } from "../../../src/run/handler.ts";
import { Cancel, SkipRetry } from "../../../src/settle/outcome.ts";
import { gate, World } from "../../support/world.ts";

/** Callbacks that write down who was called, with which end. */
function noting(seen: string[]): HandlerOptions {
  const note = (name: string) => ({ status, result, error, job }: AttemptEnd): void => {
    const detail = error instanceof Error ? error.message : JSON.stringify(result);
    seen.push(`${name} ${job.attempt} ${status} ${detail}`);
  };
  return {
    onSuccess: note("success"),
    onFailure: note("failure"),
    onComplete: note("complete"),
  };
}

const ends: readonly [string, () => unknown, string[]][] = [
  ["completed", () => ({ a: 1 }), ['success 1 completed {"a":1}', 'complete 1 completed {"a":1}']],
  ["dead_letter", () => {
    throw new SkipRetry("no");
  }, ["failure 1 dead_letter no", "complete 1 dead_letter no"]],
  ["canceled", () => {
    throw new Cancel("no");
  }, ["failure 1 canceled no", "complete 1 canceled no"]],
  ["retry", () => {
    throw new Error("again");
  }, ["failure 1 retry again", "complete 1 retry again"]],
];

for (const [status, handler, expected] of ends) {
  Deno.test(`callbacks are called in order when an attempt ends as ${status}`, async () => {
    await using world = new World();
    const seen: string[] = [];
    await world.server().handle("t", handler, noting(seen)).start();
    await world.client.enqueue("t");
    await world.until(() => seen.length >= 2, "two callbacks");
    await world.flush();
    assertEquals(seen, expected);
  });
}

Deno.test("callbacks are called for every attempt", async () => {
  await using world = new World();
  const seen: string[] = [];
  const server = world.server({ backoff: { type: "fixed", baseMs: 10 } });
  server.handle("t", ({ job }) => {
    if (job.attempt < 3) throw new Error(`no ${job.attempt}`);
    return "yes";
  }, noting(seen));
  await server.start();
  await world.drive((await world.client.enqueue("t")).result(), 10);
  await world.flush();
  assertEquals(seen, [
    "failure 1 retry no 1",
    "complete 1 retry no 1",
    "failure 2 retry no 2",
    "complete 2 retry no 2",
    'success 3 completed "yes"',
    'complete 3 completed "yes"',
  ]);
});

Deno.test("callbacks are called when the end is in the store, not before", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const seen: string[] = [];
  world.store.on("settle", ({ run }) => opened.then(run));
  await world.server().handle("t", () => 1, {
    onSuccess: async ({ job }) => {
      seen.push((await world.record(job.id)).status);
    },
  }).start();
  await world.client.enqueue("t");
  await world.flush();
  assertEquals(seen, []);
  open();
  await world.until(() => seen.length > 0, "the callback");
  assertEquals(seen, ["completed"]);
});

Deno.test("onComplete waits for the callback before it", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const seen: string[] = [];
  await world.server().handle("t", () => 1, {
    onSuccess: () => opened.then(() => seen.push("success")),
    onComplete: () => seen.push("complete"),
  }).start();
  await world.client.enqueue("t");
  await world.flush();
  assertEquals(seen, []);
  open();
  await world.flush();
  assertEquals(seen, ["success", "complete"]);
});

Deno.test("a callback that hangs holds no slot", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server();
  server.handle("t", ({ job }) => job.payload, { concurrency: 1, onSuccess: () => opened });
  await server.start();
  const handles = [];
  for (let i = 0; i < 20; i++) handles.push(await world.client.enqueue("t", i));
  const results = await Promise.all(handles.map((handle) => handle.result()));
  assertEquals(results.length, 20);
  open();
});

const throwing: readonly [string, () => unknown][] = [
  ["throws an error", () => {
    throw new Error("broken callback");
  }],
  ["throws undefined", () => {
    const nothing: unknown = undefined;
    throw nothing;
  }],
  ["rejects", () => Promise.reject(new Error("broken callback"))],
  ["rejects with a cycle", () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    return Promise.reject(cycle);
  }],
];

for (const [how, callback] of throwing) {
  for (const fails of [false, true]) {
    Deno.test(`a callback that ${how} is logged and changes nothing, after a ${fails ? "failure" : "success"}`, async () => {
      await using world = new World();
      const seen: string[] = [];
      const server = world.server({ maxRetry: 0 });
      server.handle("t", () => fails ? Promise.reject(new Error("x")) : 1, {
        onSuccess: callback,
        onFailure: callback,
        onComplete: () => seen.push("complete"),
      }).handle("next", () => "ran");
      await server.start();
      const { id } = await world.client.enqueue("t");
      await world.until(() => seen.length > 0, "onComplete, which is called all the same");
      assertEquals((await world.record(id)).status, fails ? "dead_letter" : "completed");
      const lines = world.logger.saying("Callback failed");
      assertEquals(lines.map(({ level, fields }) => [level, fields.id, fields.type]), [
        ["error", id, "t"],
      ]);
      assertEquals(await (await world.client.enqueue("next")).result(), "ran");
    });
  }
}

Deno.test("callbacks get the very result and error, not their copies from the store", async () => {
  await using world = new World();
  const result = { when: new Date(0) };
  const error = new Error("x");
  const seen: unknown[] = [];
  const server = world.server();
  server.handle("good", () => result, { onSuccess: (end) => seen.push(end.result) });
  server.handle("bad", () => Promise.reject(error), { onFailure: (end) => seen.push(end.error) });
  await server.start();
  await world.client.enqueue("good");
  await world.until(() => seen.length === 1, "onSuccess");
  await world.client.enqueue("bad");
  await world.until(() => seen.length === 2, "onFailure");
  assertEquals([seen[0] === result, seen[1] === error], [true, true]);
});

Deno.test("callbacks are not called for a payload that cannot be read, the job dead-letters", async () => {
  await using world = new World();
  const seen: string[] = [];
  await world.server().handle("t", () => 1, noting(seen)).start();
  const job = { id: "a", type: "t", queue: "q", priority: 0, payload: "{", settings: {} };
  await world.store.enqueue([[job]]);
  await world.until(async () => (await world.record("a")).finishedAt !== null, "the end");
  const record = await world.record("a");
  assertEquals([record.status, record.error?.startsWith("Payload cannot be read: ")], [
    "dead_letter",
    true,
  ]);
  assertEquals(seen, []);
});

Deno.test("stop waits for callbacks, at most graceMs", async () => {
  await using world = new World();
  const { opened, open } = gate();
  const server = world.server({ graceMs: 500 }).handle("t", () => 1, { onSuccess: () => opened });
  await server.start();
  await (await world.client.enqueue("t")).result();
  let stopped = false;
  const stopping = server.stop().then(() => stopped = true);
  await world.flush();
  await world.clock.advance(499);
  assertEquals(stopped, false);
  await world.clock.advance(1);
  await stopping;
  open();
});
