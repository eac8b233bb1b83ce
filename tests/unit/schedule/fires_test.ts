import { assertEquals } from "@std/assert";
import type { ScheduleOptions } from "../../../src/schedule/options.ts";
import { Bench } from "./support/bench.ts";

const HOUR = 3_600_000;
const { iso } = Bench;
const hourly: ScheduleOptions = { type: "report", cron: "0 * * * *" };

Deno.test("a schedule fires at its slots, and its jobs know them", async () => {
  await using bench = new Bench("2026-01-01T00:30:00Z");
  const seen: unknown[] = [];
  await bench.start({}, (server) => {
    server.handle("report", ({ job }) => void seen.push([job.payload, job.schedule, job.queue]));
    server.schedule("hourly", {
      ...hourly,
      payload: { kind: "sales" },
      options: { queue: "slow", priority: 3, maxRetry: 0, meta: { a: 1 } },
    });
  });
  await bench.pass(HOUR);
  await bench.pass(HOUR);
  const slot = (text: string) => ({ id: "hourly", slotAt: Date.parse(text) });
  assertEquals(seen, [
    [{ kind: "sales" }, slot("2026-01-01T01:00Z"), "slow"],
    [{ kind: "sales" }, slot("2026-01-01T02:00Z"), "slow"],
  ]);
  const job = await bench.client.getJob(`hourly.${Date.parse("2026-01-01T01:00Z")}`);
  assertEquals([job?.status, job?.priority, job?.maxRetry, job?.meta], [
    "completed",
    3,
    0,
    { a: 1 },
  ]);
  const schedule = await bench.client.schedules.get("hourly");
  assertEquals(iso(schedule?.nextAt), "2026-01-01T03:00:00.000Z");
  assertEquals(iso(schedule?.lastSlotAt), "2026-01-01T02:00:00.000Z");
  assertEquals(schedule?.lastOutcome, "fired");
  assertEquals(await bench.history("hourly"), ["fired 01-01T01:00:00", "fired 01-01T02:00:00"]);
});

Deno.test("meta and trace of a schedule travel through its job's retry to what that enqueues", async () => {
  await using bench = new Bench("2026-01-01T00:59:59Z");
  const meta = { tenant: "a" };
  const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  const seen: unknown[] = [];
  await bench.start({ maxRetry: 1, backoff: { type: "fixed", baseMs: 500 } }, (server) => {
    server.handle("report", async ({ job, enqueueChild }) => {
      if (job.attempt === 1) throw new Error("not yet");
      await enqueueChild("after", "child");
      await bench.client.enqueue("after", "client");
    });
    server.handle("after", ({ job }) => void seen.push([job.payload, job.meta, job.trace]));
    server.schedule("hourly", { ...hourly, options: { meta, trace } });
  });
  await bench.pass(2000);
  await bench.clock.advance(1000);
  assertEquals(seen, [["client", meta, trace], ["child", meta, trace]]);
});

Deno.test("a retried job keeps its slot", async () => {
  await using bench = new Bench("2026-01-01T00:59:59Z");
  const seen: unknown[] = [];
  await bench.start({}, (server) => {
    server.handle("report", ({ job }) => {
      seen.push([job.attempt, iso(job.schedule?.slotAt)]);
      throw new Error("no");
    });
    const options = { maxRetry: 1, retryIntervals: [1000] };
    server.schedule("hourly", { ...hourly, options });
  });
  await bench.clock.advance(10_000);
  assertEquals(seen, [[1, "2026-01-01T01:00:00.000Z"], [2, "2026-01-01T01:00:00.000Z"]]);
});

const dst: readonly (readonly [string, Partial<ScheduleOptions>, string, string[]])[] = [
  [
    "New York, a time in the gap",
    { cron: "30 2 * * *", timeZone: "America/New_York" },
    "2026-03-07T12:00:00Z",
    ["03-08T07:00:00", "03-09T06:30:00"],
  ],
  [
    "Berlin, a repeated time",
    { cron: "30 2 * * *", timeZone: "Europe/Berlin" },
    "2026-10-24T12:00:00Z",
    ["10-25T00:30:00", "10-26T01:30:00"],
  ],
  [
    "Berlin, every half hour of the repeated ones",
    { cron: "*/30 * * * *", timeZone: "Europe/Berlin", startAt: Date.parse("2026-10-25T00:00Z") },
    "2026-10-24T23:00:00Z",
    ["10-25T00:00:00", "10-25T00:30:00", "10-25T01:00:00", "10-25T01:30:00"],
  ],
  [
    "Santiago, midnight in the gap",
    { cron: "0 0 * * SUN", timeZone: "America/Santiago" },
    "2026-09-05T12:00:00Z",
    ["09-06T04:00:00"],
  ],
  [
    "an interval, whatever the clocks do",
    { everyMs: 12 * HOUR, timeZone: "America/New_York" },
    "2026-03-07T13:00:00Z",
    ["03-08T00:00:00", "03-08T12:00:00", "03-09T00:00:00"],
  ],
];

for (const [name, rules, startAt, slots] of dst) {
  Deno.test(`a schedule fires once per slot when clocks change in ${name}`, async () => {
    await using bench = new Bench(startAt);
    await bench.start({}, (server) => {
      const all = { type: "t", overlap: "allow", catchUp: { all: 9 } } as const;
      server.schedule("s", { ...all, ...rules } as ScheduleOptions);
    });
    await bench.pass(Date.parse(`2026-${slots.at(-1)}Z`) - bench.clock.now());
    assertEquals(await bench.history("s"), slots.map((slot) => `fired ${slot}`));
  });
}

Deno.test("slots that came while no server ran are caught up as the schedule says", async () => {
  const expected = {
    none: ["fired 01-01T01:00:00", "missed 01-01T05:00:00 x4"],
    latest: ["fired 01-01T01:00:00", "missed 01-01T04:00:00 x3", "fired 01-01T05:00:00"],
    all: [
      "fired 01-01T01:00:00",
      "missed 01-01T03:00:00 x2",
      "fired 01-01T04:00:00",
      "fired 01-01T05:00:00",
    ],
  };
  for (const [name, lines] of Object.entries(expected)) {
    await using bench = new Bench("2026-01-01T00:30:00Z");
    const catchUp = name === "all" ? { all: 2 } : name as "none" | "latest";
    const schedules = { s: { ...hourly, catchUp, overlap: "allow" } as const };
    const server = await bench.start({ schedules });
    await bench.pass(HOUR / 2);
    await bench.stop(server);
    await bench.pass(4.5 * HOUR);
    await bench.start({ schedules });
    assertEquals(await bench.history("s"), lines, name);
    assertEquals(
      iso((await bench.client.schedules.get("s"))?.nextAt),
      "2026-01-01T06:00:00.000Z",
    );
  }
});

Deno.test("jitter delays a fire, and the slot stays what the schedule says", async () => {
  await using bench = new Bench();
  await bench.start({ schedules: { s: { ...hourly, jitterMs: HOUR / 2, overlap: "allow" } } });
  await bench.pass(HOUR / 2);
  for (let i = 0; i < 20; i++) await bench.pass(HOUR / 2);
  const { entries } = await bench.client.schedules.history("s");
  assertEquals(entries.length, 10);
  assertEquals(entries.every(({ slotAt }) => slotAt % HOUR === 0), true);
  const late = entries.map(({ at, slotAt }) => at - slotAt);
  assertEquals(late.every((ms) => ms >= 0 && ms <= HOUR / 2), true);
  assertEquals(late.filter((ms) => ms > 0).length > 5, true);
});

Deno.test("a custom schedule is fired by a server that defines it, and ends when its function says so", async () => {
  await using bench = new Bench();
  const start = bench.clock.now();
  const next = (t: number) => t < start + 300 ? t + 100 : null;
  const server = await bench.start({
    schedules: { s: { type: "t", next, overlap: "allow" } },
  });
  await bench.clock.advance(150);
  assertEquals((await bench.history("s")).length, 1);
  await bench.stop(server);
  await bench.start();
  await bench.clock.advance(1000);
  assertEquals((await bench.history("s")).length, 1, "others cannot compute it");
  await bench.start({
    schedules: { s: { type: "t", next, overlap: "allow", catchUp: { all: 9 } } },
  });
  await bench.clock.advance(1000);
  const schedule = await bench.client.schedules.get("s");
  assertEquals((await bench.history("s")).length, 3);
  assertEquals([schedule?.ended, schedule?.nextAt, schedule?.custom], [true, undefined, true]);
});

Deno.test("a function that throws is recorded, and asked again a minute later", async () => {
  await using bench = new Bench();
  let fails = true;
  const next = (t: number) => {
    if (fails) throw new Error("no calendar");
    return t + 1000;
  };
  await bench.start({ schedules: { s: { type: "t", next } } });
  await bench.pass(59_000);
  assertEquals(await bench.history("s"), ["error 01-01T00:00:00"]);
  fails = false;
  await bench.clock.advance(2500);
  assertEquals(await bench.history("s"), ["error 01-01T00:00:00", "fired 01-01T00:01:01"]);
});

Deno.test("a schedule that fails keeps no other from being fired", async () => {
  await using bench = new Bench("2026-01-01T00:59:00Z");
  await bench.start({ schedules: { a: hourly, b: hourly } });
  bench.faulty.fail("changeSchedule");
  await bench.pass(60_000);
  assertEquals(bench.logger.saying("Schedule could not be fired").length, 1);
  assertEquals([(await bench.history("a")).length, (await bench.history("b")).length], [0, 1]);
  await bench.clock.advance(10_000);
  assertEquals(await bench.history("a"), ["fired 01-01T01:00:00"], "it is tried again");
});

Deno.test("a lost reply fires nothing twice", async () => {
  await using bench = new Bench("2026-01-01T00:59:00Z");
  await bench.start({ schedules: { a: hourly } });
  bench.faulty.fail("changeSchedule", { when: "after" });
  await bench.pass(90_000);
  assertEquals(await bench.history("a"), ["fired 01-01T01:00:00"]);
  assertEquals((await bench.faulty.store.counts()).length, 1);
});

Deno.test("many servers fire each slot once", async () => {
  await using bench = new Bench();
  for (let i = 0; i < 5; i++) {
    await bench.start({ schedules: { s: { type: "t", everyMs: 1000, overlap: "allow" } } });
  }
  await bench.clock.advance(50_000);
  const [row] = await bench.faulty.store.counts();
  assertEquals([row?.status, row?.count], ["ready", 50]);
  assertEquals((await bench.history("s")).every((line) => line.startsWith("fired ")), true);
});

Deno.test("a server whose scheduler is off fires nothing", async () => {
  await using bench = new Bench();
  await bench.start({ scheduler: false, schedules: { s: { type: "t", everyMs: 1000 } } });
  await bench.clock.advance(10_000);
  assertEquals(await bench.history("s"), []);
  await bench.start();
  assertEquals((await bench.history("s")).length, 2, "a server without any set fires for it");
});

Deno.test("a schedule whose definition cannot be read is in error, and is tried again", async () => {
  await using bench = new Bench();
  const { store } = bench.faulty;
  const write = {
    definition: '{"version":9}',
    source: "runtime",
    scope: null,
    paused: false,
    custom: false,
    slotAt: bench.clock.now(),
    dueAt: bench.clock.now(),
  } as const;
  await store.changeSchedule({ id: "s", version: null, write });
  await bench.start();
  await bench.pass(70_000);
  assertEquals(await bench.history("s"), ["error 01-01T00:00:00", "error 01-01T00:00:00"]);
  const schedule = await bench.client.schedules.get("s");
  assertEquals(schedule?.error?.startsWith("Cannot read schedule"), true);
});

Deno.test("overlap: each policy, with jobs that run longer than the interval", async () => {
  const expected = {
    skip: ["fired", "skipped", "fired"],
    allow: ["fired", "fired", "fired"],
    replace: ["fired", "replaced", "replaced"],
    queueOne: ["fired", "queued", "queued"],
  };
  for (const [overlap, outcomes] of Object.entries(expected)) {
    await using bench = new Bench();
    const ends: string[] = [];
    await bench.start({ graceMs: 0 }, (server) => {
      server.pool({ name: "p", types: ["t"], concurrency: 5 });
      server.handle("t", async ({ signal }) => {
        await new Promise<void>((resolve) => {
          bench.clock.after(15_000, resolve);
          signal.addEventListener("abort", () => resolve());
        });
        ends.push(signal.aborted ? (signal.reason as Error).message : "done");
      });
      server.schedule("s", { type: "t", everyMs: 10_000, overlap } as ScheduleOptions);
    });
    await bench.clock.advance(30_500);
    assertEquals((await bench.history("s")).map((line) => line.split(" ")[0]), outcomes, overlap);
    if (overlap === "replace") {
      assertEquals(ends.length, 2);
      assertEquals(ends.every((end) => end.includes("replaced by schedule 's'")), true, ends[0]!);
    }
  }
});
