/**
 * Five schedulers on one store are killed, paused and started again at random
 * moments, each with a clock that is an hour off. Each slot has exactly one job,
 * none is missing, and the histories agree. The seed is printed, so that a failure
 * can be replayed: GQM_SEED=….
 */

import { assert, assertEquals } from "@std/assert";
import { sleep, systemClock } from "../../src/clock.ts";
import {
  type JobRecord,
  redisStore,
  type ScheduleEntry,
  sqliteStore,
  type Store,
} from "../../mod.ts";
import { seededRng } from "../../src/rng.ts";
import { LONG, RedisRun, SEED } from "../support/redis/run.ts";
import { testRedisProblem } from "../support/redis/shared.ts";
import { NextVersion } from "../support/next_version.ts";
import { DENO, type Launcher, Workers } from "../support/workers.ts";

const LEASE_MS = 2000;
const SCHEDULERS = 5;
const TROUBLE_MS = LONG ? 60_000 : 8000;
/** Milliseconds between the slots of those that fire each of them. */
const ALWAYS = { second: 1000, half: 500, late: 1000, custom: 700 } as const;
const SOMETIMES = { skipping: 1000, queueing: 900, replacing: 1100 } as const;
/** The last fire after the trouble must come within this time. */
const PATIENCE_MS = 60_000;

/** All jobs of all statuses. */
async function jobsOf(store: Store): Promise<JobRecord[]> {
  const jobs: JobRecord[] = [];
  for (const { status } of await store.counts()) {
    let cursor: string | undefined;
    do {
      const page = await store.list({
        status,
        limit: 500,
        ...cursor === undefined ? {} : { cursor },
      });
      jobs.push(...page.jobs);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return [...new Map(jobs.map((job) => [job.id, job])).values()];
}

async function historyOf(store: Store, id: string): Promise<readonly ScheduleEntry[]> {
  return (await store.scheduleHistory(id, { limit: 500 })).entries;
}

/** Each slot from the first to the last of a schedule has one job. */
function judgeJobs(id: string, everyMs: number, jobs: readonly JobRecord[], from: number): number {
  const slots = jobs.filter(({ settings }) => settings.schedule?.id === id)
    .map(({ settings }) => settings.schedule!.slotAt).sort((a, b) => a - b);
  const first = slots[0]!;
  const missing = slots.flatMap((slot, i) =>
    i === 0 ? [] : slot === slots[i - 1]! + everyMs ? [] : [`${slots[i - 1]} to ${slot}`]
  );
  assertEquals(missing, [], `schedule '${id}': no slot is missing or there twice`);
  assert(first <= from, `schedule '${id}' began in time`);
  return slots.length;
}

/** Each slot is told of once, and as it was. */
function judgeHistory(
  id: string,
  everyMs: number,
  lines: readonly ScheduleEntry[],
  jobs: ReadonlyMap<string, JobRecord>,
): void {
  const slots = lines.map(({ slotAt }) => slotAt);
  const gaps = slots.filter((slot, i) => i > 0 && slots[i - 1]! - slot !== everyMs);
  assertEquals(gaps, [], `history of '${id}': each slot once, none missing`);
  for (const { outcome, slotAt, jobId } of lines) {
    const wanted = id in ALWAYS ? ["fired"] : ["fired", "skipped", "queued", "replaced"];
    assert(wanted.includes(outcome), `slot ${slotAt} of '${id}' is ${outcome}`);
    const own = jobs.get(`${id}.${slotAt}`);
    if (outcome === "skipped") assertEquals(own, undefined, `slot ${slotAt} of '${id}' has no job`);
    else assertEquals(own?.id, jobId, `slot ${slotAt} of '${id}' has its job`);
  }
}

async function check(url: string, store: Store, launchers?: readonly Launcher[]): Promise<void> {
  await store.open();
  const rng = seededRng(SEED);
  const args = [url, String(LEASE_MS)];
  await using workers = new Workers("tests/faults/schedule_worker.ts", args, launchers);
  workers.start(SCHEDULERS);
  const isReady = async (): Promise<boolean> => {
    const { records } = await store.schedules({ limit: 10 });
    return records.length === 7 && records.every(({ lastSlotAt }) => lastSlotAt !== null);
  };
  const deadline = performance.now() + PATIENCE_MS;
  while (!await isReady()) {
    assert(performance.now() < deadline, "the schedules come to be fired");
    await sleep(systemClock, 50);
  }
  const { now: from } = await store.schedules({ ids: [] });
  await workers.trouble({ rng, forMs: TROUBLE_MS, everyMs: 250, pauseMs: 1200, pauseShare: 0.4 });
  const { now: until } = await store.schedules({ ids: [] });
  const isDone = async (): Promise<boolean> => {
    const { records } = await store.schedules({ limit: 10 });
    return records.every(({ slotAt }) => slotAt !== null && slotAt > until);
  };
  const end = performance.now() + PATIENCE_MS;
  while (!await isDone()) {
    assert(performance.now() < end, "what was due is fired");
    await sleep(systemClock, 50);
  }
  assertEquals(workers.crashes, []);
  await workers.kill();

  const jobs = await jobsOf(store);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  let slots = 0;
  for (const [id, everyMs] of Object.entries(ALWAYS)) {
    slots += judgeJobs(id, everyMs, jobs, from);
  }
  for (const [id, everyMs] of Object.entries({ ...ALWAYS, ...SOMETIMES })) {
    judgeHistory(id, everyMs, await historyOf(store, id), byId);
  }
  const outcomes = new Map<string, number>();
  for (const id of Object.keys(SOMETIMES)) {
    for (const { outcome } of await historyOf(store, id)) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  }
  console.log(
    `${slots} slots of ${TROUBLE_MS / 1000} s with one job each, 0 missing, 0 twice; ` +
      `others ${[...outcomes].map((pair) => pair.join(" ")).join(", ")}; ` +
      `${workers.killed} killed, ${workers.paused} paused`,
  );
  assert(workers.killed > 0 && workers.paused > 0, "the test has met what it is about");
}

Deno.test({
  name:
    "five schedulers on Redis fire each slot once when killed and paused, with clocks an hour off",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    await using run = await RedisRun.start();
    await using store = redisStore(run.url);
    await check(run.url, store);
  },
});

Deno.test({
  name: "schedulers of two versions on Redis fire each slot once when killed and paused",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    await using next = await NextVersion.make();
    await using run = await RedisRun.start();
    await using store = redisStore(run.url);
    await check(run.url, store, [DENO, next.launcher]);
  },
});

Deno.test("five schedulers on SQLite fire each slot once when killed and paused, with clocks an hour off", async () => {
  console.log(`seed ${SEED}`);
  const dir = await Deno.makeTempDir({ prefix: "gqm-faults-" });
  try {
    await using store = sqliteStore(`${dir}/jobs.db`);
    await check(`sqlite:${dir}/jobs.db`, store);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
