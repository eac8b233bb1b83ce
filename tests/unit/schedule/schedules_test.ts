import { assertEquals, assertRejects } from "@std/assert";
import { Client } from "../../../src/enqueue/client.ts";
import { UnknownJobTypeError } from "../../../src/enqueue/errors.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { defineJobs, job } from "../../../src/job/registry.ts";
import {
  ScheduleChangedError,
  ScheduleNotFoundError,
  TooManySchedulesError,
} from "../../../src/schedule/errors.ts";
import type { ScheduleOptions } from "../../../src/schedule/options.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { Bench } from "./support/bench.ts";

const HOUR = 3_600_000;
const { iso } = Bench;
const hourly: ScheduleOptions = { type: "t", cron: "0 * * * *", overlap: "allow" };

Deno.test("Schedules.upsert makes a schedule that any server fires", async () => {
  await using bench = new Bench();
  await bench.start();
  const made = await bench.client.schedules.upsert("s", { ...hourly, payload: [1], jitterMs: 0 });
  assertEquals(made, {
    ...(await bench.client.schedules.get("s"))!,
    id: "s",
    type: "t",
    payload: [1],
    queue: "default",
    priority: 0,
    settings: {},
    cron: "0 * * * *",
    everyMs: undefined,
    custom: false,
    timeZone: "UTC",
    startAt: undefined,
    endAt: undefined,
    overlap: "allow",
    catchUp: "latest",
    source: "runtime",
    scope: undefined,
    paused: false,
    ended: false,
    nextAt: Date.parse("2026-01-01T01:00Z"),
  });
  await bench.pass(HOUR);
  assertEquals(await bench.history("s"), ["fired 01-01T01:00:00"]);
});

Deno.test("Schedules.upsert on a condition overwrites nobody's work", async () => {
  await using bench = new Bench();
  const { schedules } = bench.client;
  const wish = (ifUpdatedAt: number | null) => schedules.upsert("s", hourly, { ifUpdatedAt });
  await assertRejects(() => wish(5), ScheduleNotFoundError);
  const made = await wish(null);
  const taken = await assertRejects(() => wish(null), ScheduleChangedError);
  assertEquals([taken.id, taken.updatedAt], ["s", made.updatedAt]);
  await wish(made.updatedAt);
  assertEquals((await schedules.get("s"))?.updatedAt, made.updatedAt, "nothing was changed");
  const every = { type: "t", everyMs: 1000 } as const;
  const changed = await schedules.upsert("s", every, { ifUpdatedAt: made.updatedAt });
  await assertRejects(() => wish(made.updatedAt), ScheduleChangedError, `${changed.updatedAt}`);
  await schedules.trigger("s");
  await wish(changed.updatedAt);
  await schedules.pause("s");
  await assertRejects(() => wish(changed.updatedAt), ScheduleChangedError);
  for (const wrong of ["5", -1, 1.5]) {
    const refused = () => wish(wrong as number);
    await assertRejects(refused, InvalidOptionError, "'ifUpdatedAt'");
  }
});

Deno.test("Schedules.pause stops the slots, and resume begins from now on", async () => {
  await using bench = new Bench();
  const server = await bench.start();
  const { schedules } = server;
  await schedules.upsert("s", { ...hourly, catchUp: { all: 100 } });
  assertEquals([await schedules.pause("s"), await schedules.pause("s")], [true, false]);
  await bench.pass(5.5 * HOUR);
  assertEquals(await bench.history("s"), []);
  assertEquals([await schedules.resume("s"), await schedules.resume("s")], [true, false]);
  assertEquals(iso((await schedules.get("s"))?.nextAt), "2026-01-01T06:00:00.000Z");
  await bench.pass(HOUR);
  assertEquals(await bench.history("s"), ["fired 01-01T06:00:00"], "nothing is caught up");
});

Deno.test("Schedules.trigger fires whatever is paused or overlaps, and moves no slot", async () => {
  await using bench = new Bench();
  const { schedules } = bench.client;
  await schedules.upsert("s", { ...hourly, overlap: "skip" });
  await schedules.pause("s");
  const ids = [await schedules.trigger("s"), await schedules.trigger("s")];
  assertEquals((await bench.faulty.store.counts())[0]?.count, 2);
  const { lastJobId, lastSlotAt, paused } = (await schedules.get("s"))!;
  assertEquals([lastJobId, lastSlotAt, paused], [ids[1], undefined, true]);
  assertEquals(await bench.history("s"), [
    "fired (trigger) 01-01T00:00:00",
    "fired (trigger) 01-01T00:00:00",
  ]);
});

Deno.test("a schedule resumed or removed while others change it is changed once", async () => {
  await using bench = new Bench();
  const { schedules } = bench.client;
  await schedules.upsert("s", hourly);
  const jobs = await Promise.all(Array.from({ length: 20 }, () => schedules.trigger("s")));
  assertEquals(new Set(jobs).size, 20);
  assertEquals((await bench.history("s")).length, 20);
  const removed = await Promise.all([1, 2, 3].map(() => schedules.remove("s")));
  assertEquals(removed.filter(Boolean).length, 1);
  assertEquals(await schedules.get("s"), null);
});

Deno.test("Schedules says that there is no such schedule", async () => {
  await using bench = new Bench();
  const { schedules } = bench.client;
  for (const verb of ["pause", "resume", "trigger"] as const) {
    const error = await assertRejects(() => schedules[verb]("nobody"), ScheduleNotFoundError);
    assertEquals(error.id, "nobody");
  }
  assertEquals(await schedules.remove("nobody"), false);
  assertEquals(await schedules.get("nobody"), null);
  assertEquals(await schedules.history("nobody"), { entries: [] });
  for (const verb of ["pause", "resume", "trigger", "remove", "get", "history"] as const) {
    await assertRejects(() => schedules[verb]("a b"), InvalidOptionError, "'id'");
  }
});

Deno.test("Schedules.list and history give pages", async () => {
  await using bench = new Bench();
  const { schedules } = bench.client;
  for (const id of ["c", "a", "b"]) await schedules.upsert(id, hourly);
  const first = await schedules.list({ limit: 2 });
  assertEquals(first.schedules.map(({ id }) => id), ["a", "b"]);
  const last = await schedules.list({ limit: 2, cursor: first.cursor! });
  assertEquals([last.schedules.map(({ id }) => id), last.cursor], [["c"], undefined]);
  await schedules.trigger("a");
  await schedules.trigger("a");
  const page = await schedules.history("a", { limit: 1 });
  assertEquals(page.entries.length, 1);
  const rest = await schedules.history("a", { limit: 1, cursor: page.cursor! });
  assertEquals([rest.entries.length, rest.cursor], [1, undefined]);
  await assertRejects(() => schedules.list({ limit: 501 }), InvalidOptionError, "'limit'");
});

Deno.test("Schedules.upsert asks the registry for type and payload", async () => {
  const jobs = defineJobs({ report: job<{ kind: string }>() });
  await using client = new Client({ jobs, store: memoryStore(), timeZone: "Europe/Berlin" });
  const made = await client.schedules.upsert("s", {
    type: "report",
    payload: { kind: "sales" },
    cron: "0 3 * * *",
  });
  assertEquals([made.payload, made.timeZone], [{ kind: "sales" }, "Europe/Berlin"]);
  // @ts-expect-error -- the type is not in the registry
  const other: Parameters<typeof client.schedules.upsert>[1] = { type: "x", cron: "@daily" };
  await assertRejects(() => client.schedules.upsert("t", other), UnknownJobTypeError);
});

Deno.test("Schedules.upsert refuses a function, as other processes would not have it", async () => {
  await using bench = new Bench();
  await assertRejects(
    () => bench.client.schedules.upsert("s", { type: "t", next: () => null }),
    InvalidOptionError,
    "'next' must not be given at run time",
  );
});

Deno.test("Schedules.upsert says that a store is full", async () => {
  await using bench = new Bench();
  const store = bench.faulty.store;
  const write = {
    definition: "{}",
    source: "runtime",
    scope: null,
    paused: true,
    custom: false,
    slotAt: null,
    dueAt: null,
  } as const;
  for (let i = 0; i < 10_000; i++) {
    await store.changeSchedule({ id: `s${i}`, version: null, write });
  }
  const error = await assertRejects(
    () => bench.client.schedules.upsert("one-more", hourly),
    TooManySchedulesError,
  );
  assertEquals(error.limit, 10_000);
  assertEquals(await bench.client.schedules.pause("s1"), false);
});
