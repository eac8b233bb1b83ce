import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { InvalidOptionError } from "../../../src/errors.ts";
import { Server } from "../../../src/run/server.ts";
import { InvalidCronError } from "../../../src/schedule/cron_error.ts";
import { ScheduleConflictError } from "../../../src/schedule/errors.ts";
import type { ScheduleOptions } from "../../../src/schedule/options.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { Bench } from "./support/bench.ts";

const HOUR = 3_600_000;
const { iso } = Bench;
const hourly: ScheduleOptions = { type: "t", cron: "0 * * * *", overlap: "allow" };

async function nextOf(bench: Bench, id: string): Promise<string | undefined> {
  return iso((await bench.client.schedules.get(id))?.nextAt);
}

Deno.test("Server.schedule refuses what can never fire or makes no sense, when it is defined", () => {
  const server = new Server({ store: memoryStore(), logLevel: "silent" });
  const refused: readonly [unknown, string][] = [
    [{ type: "t" }, "cron"],
    [{ type: "t", cron: "0 * * * *", everyMs: 1000 }, "cron"],
    [{ type: "t", everyMs: 99 }, "everyMs"],
    [{ type: "t", everyMs: 100.5 }, "everyMs"],
    [{ type: "t", next: 5 }, "next"],
    [{ ...hourly, timeZone: "Mars/Olympus" }, "timeZone"],
    [{ ...hourly, overlap: "maybe" }, "overlap"],
    [{ ...hourly, catchUp: "all" }, "catchUp"],
    [{ ...hourly, catchUp: { all: 101 } }, "catchUp.all"],
    [{ ...hourly, catchUp: { all: 1, most: 2 } }, "catchUp.most"],
    [{ ...hourly, jitterMs: -1 }, "jitterMs"],
    [{ ...hourly, jitterMs: 86_400_001 }, "jitterMs"],
    [{ ...hourly, runOnStart: 1 }, "runOnStart"],
    [{ ...hourly, enabled: "yes" }, "enabled"],
    [{ ...hourly, startAt: NaN }, "startAt"],
    [{ ...hourly, startAt: 10, endAt: 5 }, "endAt"],
    [{ ...hourly, options: { delayMs: 5 } }, "options.delayMs"],
    [{ ...hourly, options: { id: "x" } }, "options.id"],
    [{ ...hourly, options: { priority: 31 } }, "priority"],
    [{ ...hourly, every: 5 }, "every"],
    [{ ...hourly, payload: "x".repeat(70_000) }, "payload"],
  ];
  for (const [options, option] of refused) {
    const error = assertThrows(
      () => server.schedule("s", options as ScheduleOptions),
      InvalidOptionError,
    );
    assertEquals(error.option, option, JSON.stringify(options).slice(0, 100));
  }
  for (const cron of ["0 0 31 2 *", "60 * * * *", "", "* * *"]) {
    assertThrows(() => server.schedule("s", { type: "t", cron }), InvalidCronError);
  }
  for (const id of ["", "a b", "x".repeat(201), "ü"]) {
    assertThrows(() => server.schedule(id, hourly), InvalidOptionError, "'id'");
  }
  server.schedule("s", hourly);
  assertThrows(() => server.schedule("s", hourly), InvalidOptionError, "its own");
});

Deno.test("Server.schedule takes at most 1000 schedules with a function", () => {
  const server = new Server({ store: memoryStore(), logLevel: "silent" });
  const custom: ScheduleOptions = { type: "t", next: () => null };
  for (let i = 0; i < 1000; i++) server.schedule(`s${i}`, custom);
  assertThrows(() => server.schedule("more", custom), InvalidOptionError, "at most 1000");
  server.schedule("other", hourly);
});

Deno.test("a restart keeps the next slot, what was paused, and changes nothing where nothing changed", async () => {
  await using bench = new Bench("2026-01-01T00:30:00Z");
  const schedules = { a: hourly, b: hourly };
  const server = await bench.start({ schedules });
  await bench.client.schedules.pause("b");
  await bench.stop(server);
  const before = await bench.client.schedules.list();
  await bench.pass(60_000);
  await bench.stop(await bench.start({ schedules }));
  assertEquals(await bench.client.schedules.list(), before);
  assertEquals(before.schedules.map(({ paused, nextAt }) => [paused, iso(nextAt)]), [
    [false, "2026-01-01T01:00:00.000Z"],
    [true, undefined],
  ]);
});

Deno.test("another timing begins from now on, and anything else keeps the next slot", async () => {
  await using bench = new Bench("2026-01-01T00:30:00Z");
  const every = { type: "t", everyMs: 1000 * HOUR, startAt: Date.parse("2026-01-01T00:00Z") };
  const define = (options: ScheduleOptions) => bench.client.schedules.upsert("s", options);
  await define(every);
  const first = await nextOf(bench, "s");
  await bench.pass(10 * HOUR);
  await define({ ...every, type: "u", payload: 5, overlap: "replace" });
  assertEquals(await nextOf(bench, "s"), first);
  const schedule = await define({ type: "t", cron: "0 12 * * *", timeZone: "Asia/Kolkata" });
  assertEquals(iso(schedule.nextAt), "2026-01-02T06:30:00.000Z");
  assertEquals([schedule.cron, schedule.timeZone, schedule.type], [
    "0 12 * * *",
    "Asia/Kolkata",
    "t",
  ]);
  await define({ type: "t", cron: "0 12 * * *", timeZone: "UTC" });
  assertEquals(await nextOf(bench, "s"), "2026-01-01T12:00:00.000Z");
});

Deno.test("a schedule is paused to begin with when it is not enabled, and a change of that counts", async () => {
  await using bench = new Bench();
  const define = async (enabled?: boolean) => {
    const schedule = { ...hourly, ...(enabled === undefined ? {} : { enabled }) };
    await bench.stop(await bench.start({ schedules: { s: schedule } }));
    return (await bench.client.schedules.get("s"))?.paused;
  };
  assertEquals(await define(false), true);
  await bench.client.schedules.resume("s");
  assertEquals(await define(false), false, "what people toggled stays");
  assertEquals(await define(true), false);
  await bench.client.schedules.pause("s");
  assertEquals(await define(), true, "what people toggled stays");
  assertEquals(await define(false), true);
  assertEquals(await define(true), false, "the program turned it on");
  assertEquals(await nextOf(bench, "s"), "2026-01-01T01:00:00.000Z");
});

Deno.test("what code of a scope defines no more is removed when it starts; nothing else is", async () => {
  await using bench = new Bench();
  const ids = async () => (await bench.client.schedules.list()).schedules.map(({ id }) => id);
  await bench.client.schedules.upsert("by-people", hourly);
  await bench.start({ schedules: { a: hourly, b: hourly } });
  await bench.start({ schedules: { c: hourly }, scheduleScope: "other" });
  await bench.start();
  assertEquals(await ids(), ["a", "b", "by-people", "c"], "who defines nothing removes nothing");
  await bench.start({}, (server) => server.schedule("b", hourly));
  assertEquals(await ids(), ["b", "by-people", "c"]);
  const [line] = bench.logger.saying("Schedule removed, as the program defines it no more");
  assertEquals(line?.fields, { schedule: "a", source: "code", scope: "default" });
  await bench.start({ schedules: {}, scheduleScope: "other" });
  assertEquals(await ids(), ["b", "by-people"]);
  await bench.start({ schedules: {} });
  assertEquals(await ids(), ["by-people"]);
});

Deno.test("an id that belongs to somebody else is refused, both ways", async () => {
  await using bench = new Bench();
  await bench.client.schedules.upsert("people", hourly);
  await bench.start({ schedules: { code: hourly } });
  const error = await assertRejects(
    () => bench.client.schedules.upsert("code", hourly),
    ScheduleConflictError,
    "Cannot define schedule 'code' as that of runtime as it must not be defined elsewhere: it is that of code with the scope 'default'",
  );
  assertEquals([error.id, error.source, error.scope], ["code", "code", "default"]);
  await assertRejects(
    () => bench.start({ schedules: { people: hourly } }),
    ScheduleConflictError,
    "it is that of runtime",
  );
  await assertRejects(
    () => bench.start({ schedules: { code: hourly }, scheduleScope: "other" }),
    ScheduleConflictError,
    "code with the scope 'other'",
  );
});

Deno.test("runOnStart fires when a server starts, once a minute over all of them", async () => {
  await using bench = new Bench("2026-01-01T00:10:00Z");
  const schedules = { s: { ...hourly, runOnStart: true } as const };
  for (let i = 0; i < 3; i++) await bench.start({ schedules });
  assertEquals(await bench.history("s"), ["fired (start) 01-01T00:10:00"]);
  await bench.clock.advance(59_999);
  await bench.start({ schedules });
  assertEquals((await bench.history("s")).length, 1);
  await bench.clock.advance(1);
  await bench.start({ schedules });
  assertEquals((await bench.history("s")).length, 2);
  await bench.client.schedules.pause("s");
  await bench.pass(60_000);
  await bench.start({ schedules });
  assertEquals((await bench.history("s")).length, 2, "a paused one does not");
  const [job] = (await bench.client.schedules.history("s")).entries;
  const { schedule } = (await bench.client.getJob(job!.jobId!))!;
  assertEquals([schedule?.id, iso(schedule?.slotAt)], ["s", "2026-01-01T00:11:00.000Z"]);
});

Deno.test("the server's time zone is that of schedules that name none", async () => {
  await using bench = new Bench();
  const noon = { type: "t", cron: "0 12 * * *" };
  await bench.start({
    timeZone: "Asia/Tokyo",
    schedules: { a: noon, b: { ...noon, timeZone: "UTC" } },
  });
  assertEquals(await nextOf(bench, "a"), "2026-01-01T03:00:00.000Z");
  assertEquals(await nextOf(bench, "b"), "2026-01-01T12:00:00.000Z");
  assertThrows(() => new Server({ timeZone: "nowhere" }), InvalidOptionError, "'timeZone'");
});
