/** A live queue of BullMQ is moved by `examples/moving/from_bullmq.ts`, with the package itself, from npm. */

import { assertEquals, assertMatch } from "@std/assert";
import { createRequire } from "node:module";
import { join } from "node:path";
import { benchPackages } from "../../bench/redis/packages.ts";
import { runtimes } from "../../tools/runtimes.ts";
import type { BullJob, BullQueue, BullState } from "../../examples/moving/bullmq.ts";
import { carryFromBullMq, oldJob } from "../../examples/moving/from_bullmq.ts";
import { Client, memoryStore } from "../../mod.ts";
import { Moving, runOk, runScript } from "./moving_support.ts";

/** The part of BullMQ that is used; the package is not among this project's imports. */
interface BullMq {
  readonly Queue: new (name: string, options: object) => {
    add(name: string, data: unknown, options?: object): Promise<{ readonly id?: string }>;
    addBulk(jobs: readonly object[]): Promise<unknown>;
    pause(): Promise<void>;
    upsertJobScheduler(id: string, repeat: object, template: object): Promise<unknown>;
    getJobCounts(): Promise<Record<string, number>>;
    obliterate(options: { readonly force: boolean }): Promise<void>;
    close(): Promise<void>;
  };
  readonly Worker: new (
    name: string,
    handler: (job: { readonly name: string }) => Promise<void>,
    options: object,
  ) => {
    on(event: string, listener: () => void): void;
    close(): Promise<void>;
  };
}

const packages = await benchPackages().catch((error: Error) => error);
const missing = packages instanceof Error ? packages.message : "";
if (missing !== "") console.error(`Tests with BullMQ are skipped: ${missing}`);
const directory = packages instanceof Error ? "" : packages.directory;
const HOUR_MS = 3_600_000;
/** More than the script reads at once. */
const plain = Array.from({ length: 1203 }, (_, n) => ({ n: n + 100 }));

const aJob: BullJob = { id: "7", name: "a", data: {}, timestamp: 5, attemptsMade: 0, opts: {} };
const exponential = { type: "exponential", delay: 100, jitter: 0.5 };
const cases: readonly [string, Partial<BullJob>, BullState, Record<string, unknown>][] = [
  ["says nothing", {}, "waiting", { priority: 0, maxRetry: 0 }],
  ["has an awkward id", { id: "a/b_c" }, "waiting", { id: "bullmq.mail.a_2f_b_5f_c.5" }],
  ["has a priority", { priority: 3 }, "prioritized", { priority: -3 }],
  ["has a low priority", { priority: 2_000_000 }, "prioritized", { priority: -30 }],
  ["has attempts left", { attemptsMade: 1, opts: { attempts: 3 } }, "delayed", { maxRetry: 1 }],
  ["has failed", { attemptsMade: 3, opts: { attempts: 3 } }, "failed", { maxRetry: 2 }],
  ["has a fixed delay", { opts: { backoff: 50 } }, "waiting", {
    backoff: { type: "fixed", baseMs: 50 },
  }],
  ["doubles", { attemptsMade: 2, opts: { backoff: exponential } }, "delayed", {
    backoff: { type: "exponential", baseMs: 400, jitter: 0.5 },
  }],
  ["has a function", { opts: { backoff: { type: "mine" } } }, "waiting", { backoff: undefined }],
];
for (const [title, job, state, expected] of cases) {
  Deno.test(`oldJob gives options when the job ${title}`, () => {
    const { options } = oldJob("mail", { ...aJob, ...job }, state, undefined);
    const given: Record<string, unknown> = { ...options };
    for (const [name, value] of Object.entries(expected)) assertEquals(given[name], value);
  });
}

Deno.test("carryFromBullMq makes schedules of repeatable jobs of old, and leaves flows", async () => {
  const delayed: BullJob[] = [
    { ...aJob, id: "repeat:k:1", data: { kind: "sales" }, repeatJobKey: "k" },
    { ...aJob, id: "child", parentKey: "bull:mail:1" },
  ];
  const queue: BullQueue = {
    name: "mail",
    isPaused: () => Promise.resolve(true),
    getActiveCount: () => Promise.resolve(0),
    getWaitingChildrenCount: () => Promise.resolve(1),
    getJobs: ([state]) => Promise.resolve(state === "delayed" ? delayed : []),
    getJobSchedulers: () =>
      Promise.resolve([
        { key: "k", name: "report", every: 60_000 },
        { key: "l", name: "report", every: 60_000, limit: 3 },
      ]),
    close: () => Promise.resolve(),
  };
  await using client = new Client({ store: memoryStore() });
  const redis = { zrange: () => Promise.resolve([]) };
  const report = await carryFromBullMq({ queue, redis, client });
  assertEquals(report, {
    ...{ enqueued: 0, there: 0, canceled: 0, refused: [] },
    left: [
      { name: "a child", reason: "flows end where they are" },
      { name: "scheduler l", reason: "'limit' has no counterpart" },
      { name: "1 parents", reason: "flows end where they are" },
    ],
  });
  const { schedules } = await client.schedules.list();
  assertEquals(schedules.map(({ type, everyMs, payload }) => [type, everyMs, payload]), [
    ["report", 60_000, { kind: "sales" }],
  ]);
});

const ignore = missing !== "";
Deno.test("from_bullmq.ts moves each job once when it runs twice, and refuses a queue that runs", {
  ignore,
}, async () => {
  await using moving = await Moving.start();
  const { Queue, Worker }: BullMq = createRequire(join(directory, "package.json"))("bullmq");
  const { hostname, port } = new URL(moving.url);
  const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null };
  const options = { connection, prefix: moving.old };
  const queue = new Queue("mail", options);
  try {
    // Two that fail: one for good, one to be tried again in an hour.
    await queue.add("broken", { n: 1 }, { attempts: 1 });
    await queue.add("again", { n: 2 }, {
      attempts: 4,
      backoff: { type: "exponential", delay: HOUR_MS },
    });
    const failed = Promise.withResolvers<void>();
    let failures = 0;
    const worker = new Worker(
      "mail",
      ({ name }) => Promise.reject(new Error(`no ${name}`)),
      options,
    );
    worker.on("failed", () => ++failures === 2 && failed.resolve());
    await failed.promise;
    await worker.close();

    await queue.addBulk(plain.map((data) => ({ name: "plain", data })));
    await queue.add("ranked", { n: 4 }, { priority: 5 });
    await queue.add("ranked", { n: 3 }, { priority: 1 });
    await queue.add("later", { n: 5 }, { delay: HOUR_MS, attempts: 3, backoff: 2000 });
    await queue.upsertJobScheduler(
      "nightly",
      { pattern: "0 30 3 * * *", tz: "Europe/Berlin" },
      { name: "report", data: { kind: "sales" } },
    );

    const args = ["--queue=mail", `--from=${moving.url}`, `--to=${moving.store}`];
    args.push(`--prefix=${moving.old}`);
    const refused = await runScript("from_bullmq.ts", args, { cwd: directory });
    assertEquals(refused.code, 1);
    assertMatch(refused.stderr, /Cannot move queue 'mail' as it must be paused/);
    assertEquals((await moving.client.insight.stats()).queues, []);

    await queue.pause();
    const counts = await queue.getJobCounts();
    assertEquals(
      await runOk("from_bullmq.ts", args, { cwd: directory }),
      `${plain.length + 5} enqueued (1 of them canceled), 0 were there already\n`,
    );
    const { node } = await runtimes();
    assertEquals(
      await runOk("from_bullmq.ts", args, { cwd: directory, bin: node.bin }),
      `0 enqueued (0 of them canceled), ${plain.length + 5} were there already\n`,
    );
    assertEquals(await queue.getJobCounts(), counts, "the queue there is only read");

    const [later, again] = (await moving.jobs("scheduled")).reverse();
    assertEquals(later!.type, "later");
    assertEquals(again!.type, "again");
    for (const job of [later!, again!]) {
      const inMs = job.runAt! - Date.now();
      assertEquals(inMs > HOUR_MS / 2 && inMs <= HOUR_MS, true, `${job.type} in ${inMs} ms`);
    }
    assertEquals(again!.maxRetry, 2); // 4 attempts, one of which was made

    const [broken, ...others] = await moving.jobs("canceled");
    assertEquals(others, []);
    assertEquals(broken!.error, "failed before it was moved: no broken");
    assertEquals(broken!.payload, { n: 1 });

    const schedule = (await moving.client.schedules.list()).schedules[0]!;
    assertEquals(
      [schedule.cron, schedule.timeZone, schedule.type],
      ["0 30 3 * * *", "Europe/Berlin", "report"],
    );

    // In the order in which BullMQ would have run them; what failed runs when it is retried.
    const types = ["broken", "again", "plain", "ranked", "later"];
    assertEquals(await moving.drain(...types), [...plain, { n: 3 }, { n: 4 }]);
    assertEquals(await moving.client.control.retry(broken!.id), true);
    assertEquals(await moving.drain(...types), [{ n: 1 }]);
    await runOk("from_bullmq.ts", args, { cwd: directory });
    assertEquals(await moving.drain(...types), []);
  } finally {
    await queue.obliterate({ force: true });
    await queue.close();
  }
});
