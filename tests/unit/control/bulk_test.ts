import { assertEquals, assertRejects } from "@std/assert";
import type { BulkReport } from "../../../src/control/bulk.ts";
import type { Control } from "../../../src/control/control.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { gate, World } from "../../support/world.ts";

/** Enqueues jobs with the ids `j0`, `j1` and so on. */
async function fill(world: World, size: number, options: object = {}, type = "t"): Promise<void> {
  const items = Array.from({ length: size }, (_, i) => ({
    type,
    payload: i,
    options: { id: `${type}${i}`, ...options },
  }));
  await world.client.enqueueMany(items);
}

async function countOf(world: World, status: string): Promise<number> {
  const rows = await world.store.counts();
  return rows.filter((row) => row.status === status).reduce((sum, { count }) => sum + count, 0);
}

Deno.test("cancelAll, retryAll and removeAll go through more jobs than one step has", async () => {
  await using world = new World();
  const { control } = world.client;
  await fill(world, 350);
  const all = { changed: 350, unchanged: 0, refused: 0 };
  assertEquals(await control.cancelAll({ status: "ready" }, { reason: "empty" }), all);
  assertEquals((await world.record("t349")).error, "empty");
  assertEquals(await control.retryAll({ status: "canceled" }), all);
  assertEquals(await countOf(world, "ready"), 350);
  assertEquals(await control.removeAll({ status: "ready" }), all);
  assertEquals(await world.store.counts(), []);
  for (const [ids] of world.store.calls("act")) assertEquals(ids.length <= 100, true);
});

Deno.test("a bulk call finds nothing to do when no job is in the status", async () => {
  await using world = new World();
  await fill(world, 3);
  const nothing = { changed: 0, unchanged: 0, refused: 0 };
  assertEquals(await world.client.control.cancelAll({ status: "scheduled" }), nothing);
  assertEquals(await world.client.control.cancelAll({ status: "ready", queue: "no" }), nothing);
  assertEquals(world.store.calls("act").length, 0);
});

Deno.test("a bulk call keeps to the queue and the type of its filter", async () => {
  await using world = new World();
  await fill(world, 3, { queue: "a" });
  await fill(world, 4, { queue: "b" }, "u");
  await fill(world, 5, { queue: "a" }, "v");
  const { control } = world.client;
  assertEquals((await control.cancelAll({ status: "ready", queue: "a", type: "v" })).changed, 5);
  assertEquals((await control.cancelAll({ status: "ready", queue: "a" })).changed, 3);
  assertEquals((await control.cancelAll({ status: "ready", type: "v" })).changed, 0);
  assertEquals((await control.cancelAll({ status: "ready", type: "u" })).changed, 4);
});

Deno.test("a bulk call with a limit ends there, and the next goes on at its cursor", async () => {
  await using world = new World();
  const { control } = world.client;
  await fill(world, 250);
  let cursor: string | undefined;
  const changed: number[] = [];
  do {
    const options = { limit: 120, ...(cursor === undefined ? {} : { cursor }) };
    const report: BulkReport = await control.cancelAll({ status: "ready" }, options);
    changed.push(report.changed);
    ({ cursor } = report);
  } while (cursor !== undefined);
  assertEquals(changed, [120, 120, 10]);
  assertEquals(await countOf(world, "canceled"), 250);
});

Deno.test("the newest jobs come first", async () => {
  await using world = new World();
  await fill(world, 5);
  await world.client.control.cancelAll({ status: "ready" }, { limit: 2 });
  const statuses = (await world.store.getJobs(["t0", "t1", "t2", "t3", "t4"])).map((job) =>
    job?.status
  );
  assertEquals(statuses, ["ready", "ready", "ready", "canceled", "canceled"]);
});

Deno.test("onProgress is told after each step what was done so far", async () => {
  await using world = new World();
  await fill(world, 250);
  const told: BulkReport[] = [];
  const onProgress = (report: BulkReport): void => void told.push(report);
  const report = await world.client.control.cancelAll({ status: "ready" }, { onProgress });
  assertEquals(told.map(({ changed }) => changed), [100, 200, 250]);
  assertEquals(told.map(({ cursor }) => cursor !== undefined), [true, true, false]);
  assertEquals(told.at(-1), report);
});

Deno.test("a signal ends a bulk call between two steps; what was done stays", async () => {
  await using world = new World();
  await fill(world, 250);
  const controller = new AbortController();
  const told: BulkReport[] = [];
  const options = {
    signal: controller.signal,
    onProgress: (report: BulkReport) => {
      told.push(report);
      if (report.changed === 200) controller.abort(new RangeError("enough"));
    },
  };
  const { control } = world.client;
  await assertRejects(() => control.cancelAll({ status: "ready" }, options), RangeError, "enough");
  assertEquals(await countOf(world, "canceled"), 200);
  const { cursor } = told.at(-1)!;
  assertEquals((await control.cancelAll({ status: "ready" }, { cursor: cursor! })).changed, 50);
  const { signal } = controller;
  await assertRejects(() => control.cancelAll({ status: "canceled" }, { signal }), RangeError);
});

Deno.test("a job that comes back to the status meanwhile is not looked at twice", async () => {
  await using world = new World();
  const { control } = world.client;
  await fill(world, 250);
  let steps = 0;
  const report = await control.cancelAll({ status: "ready" }, {
    onProgress: () => {
      // As if people retried them all the while.
      if (++steps > 10) throw new Error("Cannot end as each job comes again");
    },
  });
  assertEquals(report.changed, 250);
  steps = 0;
  world.store.on("act", async ({ args, run }) => {
    const replies = await run();
    if (args[1].kind !== "retry") return replies;
    for (const id of args[0]) await control.cancel(id);
    return replies;
  });
  const again = await control.retryAll({ status: "canceled" }, {
    onProgress: () => {
      if (++steps > 10) throw new Error("Cannot end as each job comes again");
    },
  });
  assertEquals([again.changed, steps], [250, 3]);
});

Deno.test("jobs that leave the status between list and change are left alone", async () => {
  await using world = new World();
  const { control } = world.client;
  await fill(world, 10);
  world.store.on("act", async ({ n, args, run }) => {
    if (n === 1) {
      await world.client.control.cancel("t3");
      await world.client.control.remove("t4");
    }
    assertEquals(args[2], n === 1 ? "ready" : undefined);
    return await run();
  });
  const report = await control.removeAll({ status: "ready" });
  assertEquals(report, { changed: 8, unchanged: 2, refused: 0 });
  assertEquals((await world.record("t3")).status, "canceled");
});

Deno.test("jobs that cannot be changed are counted and passed over", async () => {
  await using world = new World();
  const { client } = world;
  const { opened, open } = gate();
  await world.server().handle("run", () => opened, { concurrency: 9 }).start();
  await fill(world, 3, {}, "run");
  await world.flush();
  const refused = { changed: 0, unchanged: 0, refused: 3 };
  assertEquals(await client.control.removeAll({ status: "processing" }), refused);
  assertEquals(await client.control.retryAll({ status: "processing" }), {
    changed: 0,
    unchanged: 3,
    refused: 0,
  });
  open();
});

Deno.test("retryAll with revive brings back what the jobs' end had canceled", async () => {
  await using world = new World();
  const { client } = world;
  for (const i of [1, 2]) {
    await client.enqueueGraph({
      parent: { type: "t", options: { queue: "p" } },
      child: { type: "t", dependsOn: ["parent"] },
    });
    await client.control.cancelAll({ status: "ready", queue: "p" }, { limit: i });
  }
  assertEquals(await countOf(world, "canceled"), 4);
  const filter = { status: "canceled", queue: "p" } as const;
  assertEquals((await client.control.retryAll(filter, { revive: true })).changed, 2);
  assertEquals([await countOf(world, "ready"), await countOf(world, "deferred")], [2, 2]);
});

type Call = (control: Control) => Promise<unknown>;
const any = (value: unknown): never => value as never;
const wrong: readonly [string, Call][] = [
  ["Cannot cancel jobs as 'filter' must be an object", (c) => c.cancelAll(any(null))],
  ["Cannot cancel jobs as 'filter.status' must be one of", (c) => c.cancelAll(any({}))],
  ["Cannot retry jobs as 'filter.status' must be", (c) => c.retryAll(any({ status: "done" }))],
  ["Cannot remove jobs as 'filter.name' must not", (c) => c.removeAll(any({ name: 1 }))],
  ["'filter.queue' must be 1 to 128", (c) => c.removeAll({ status: "ready", queue: "a b" })],
  ["'filter.type' must be a string", (c) => c.removeAll({ status: "ready", type: "" })],
  ["'limit' must be a whole number >= 1", (c) => c.removeAll({ status: "ready" }, { limit: 0 })],
  ["'limit' must be", (c) => c.removeAll({ status: "ready" }, { limit: Infinity })],
  ["'cursor' must come from the page", (c) => c.removeAll({ status: "ready" }, { cursor: "no" })],
  ["'max' must not be given", (c) => c.removeAll({ status: "ready" }, any({ max: 1 }))],
  ["'revive' must be true", (c) => c.retryAll({ status: "ready" }, any({ revive: 1 }))],
  ["'reason' must be a string", (c) => c.cancelAll({ status: "ready" }, any({ reason: 1 }))],
  [
    "'onProgress' must be a function",
    (c) => c.cancelAll({ status: "ready" }, any({ onProgress: 1 })),
  ],
];

for (const [message, call] of wrong) {
  Deno.test(`a bulk call is refused, and nothing done: ${message}`, async () => {
    await using world = new World();
    await fill(world, 3);
    const error = await assertRejects(() => call(world.client.control), InvalidOptionError);
    assertEquals(error.message.includes(message), true, error.message);
    assertEquals(world.store.calls("act").length, 0);
  });
}
