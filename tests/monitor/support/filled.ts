/** A store with something of everything in it, made by a clock that stands still. */

import { Client } from "../../../src/enqueue/client.ts";
import type { ClaimedJob } from "../../../src/job/job.ts";
import type { Verdict } from "../../../src/store/store.ts";
import type { FakeClock } from "../../../src/testing/fake_clock.ts";
import type { Place } from "./places.ts";

/** Epoch seconds at which the clock of every test starts. */
export const START = 1_767_225_600;

const SERVER = "host-1-abc";
const LEASE_MS = 15_000;

/**
 * Fills a store; the clock stands at 3 s after the start then.
 *
 * In the queue `mail` there is a job of most statuses, named for it (`job-ready`, ...); in `reports`
 * a ready one; `idle` is paused and never held any.
 */
export async function fill(place: Place): Promise<void> {
  const { store, clock } = place;
  await using client = new Client({ store });
  await client.enqueue("email.send", { to: "ada" }, { id: "job-completed", queue: "mail" });
  const completed = await claim(place);
  await clock.advance(2000);
  await settle(place, completed, { kind: "complete", result: '{"sent":true}' }, 1234);

  await client.enqueue("email.send", { to: "bob" }, { id: "job-dead", queue: "mail" });
  const error = {
    ...{ message: "mailbox full", name: "MailError", fingerprint: "00000000000000ff" },
    stack: "MailError: mailbox full\n    at send (file:///app/mail.ts:12:7)",
  };
  await settle(place, await claim(place), { kind: "dead_letter", error });

  await client.enqueue("email.send", { to: "cy" }, { id: "job-retry", queue: "mail" });
  const retry = { kind: "retry", delayMs: 60_000, counted: true, error } as const;
  await settle(place, await claim(place), retry);

  await clock.advance(1000);
  await client.enqueue("email.send", { to: "dan" }, { id: "job-processing", queue: "mail" });
  const { id, holder: { fence } } = await claim(place);
  await beat(place, [{ id, fence }]);
  await store.report([
    { id, fence, progress: { value: 0.5, message: "half" }, logs: ["connected"] },
  ]);
  await enqueueWaiting(client, clock);
  await client.control.pause({ queue: "idle" });
  await defineSchedules(client);
}

async function enqueueWaiting(client: Client, clock: FakeClock): Promise<void> {
  const queue = "mail";
  await client.enqueue("email.send", { to: "eve", password: "s3cret" }, {
    id: "job-ready",
    queue,
    priority: 5,
    maxRetry: 2,
    retryIntervals: [1000, 2500],
    timeoutMs: 1500,
    expireAt: clock.now() + 60_000,
    meta: { tenant: "acme", token: "t0ken" },
    enqueuedBy: "web",
    limitKey: "acme",
    retention: { completedMs: 1500, failedMs: -1 },
  });
  await client.enqueue("email.send", null, { id: "job-scheduled", queue, delayMs: 60_000 });
  await client.enqueue("email.send", [1], {
    id: "job-deferred",
    queue,
    dependsOn: [{ id: "job-scheduled", onFailure: "continue" }],
  });
  await client.enqueue("email.send", "text", { id: "job-canceled", queue });
  await client.control.cancel("job-canceled", { reason: "not needed" });
  await client.enqueue("report", {}, { id: "job-other", queue: "reports" });
}

async function defineSchedules(client: Client): Promise<void> {
  await client.schedules.upsert("nightly", {
    type: "report",
    payload: { kind: "sales", secret: "x" },
    options: { queue: "reports", timeoutMs: 90_500, maxRetry: 0 },
    cron: "30 3 * * *",
    timeZone: "Europe/Berlin",
  });
  await client.schedules.upsert("ping", {
    type: "ping",
    options: { queue: "mail" },
    everyMs: 30_000,
    overlap: "queueOne",
    catchUp: { all: 3 },
    enabled: false,
  });
}

async function claim({ store }: Place): Promise<ClaimedJob> {
  const { jobs: [job] } = await store.claim({
    ...{ server: SERVER, pool: "mailers", limit: 1, leaseMs: LEASE_MS },
    sources: [{ queue: "mail", types: ["email.send"], share: 1 }],
  });
  return job!;
}

async function settle(
  { store }: Place,
  { id, holder: { fence } }: ClaimedJob,
  verdict: Verdict,
  ranMs = 0,
): Promise<void> {
  await store.settle({ outcomes: [{ id, fence, verdict, ranMs }] });
}

/** Lets the server tell of itself. */
export async function beat(
  { store }: Place,
  holds: readonly { readonly id: string; readonly fence: number }[],
): Promise<void> {
  const pools = [
    { name: "mailers", types: ["email.send"], queues: ["mail"], concurrency: 4 },
    { name: "rest", types: ["*"], queues: null, concurrency: 2, isolate: "thread" },
  ];
  await store.heartbeat({
    ...{ server: SERVER, leaseMs: LEASE_MS, holds },
    presence: {
      upMs: 3000,
      busy: [1, 0],
      about: {
        kind: "server",
        hostname: "host",
        pid: 1,
        runtime: "deno 2.9.6",
        version: "0.1.0",
        pools,
      },
    },
  });
  const consumer = { kind: "consumer", hostname: "host", pid: 2 } as const;
  await store.heartbeat({
    ...{ server: "host-2-def", leaseMs: LEASE_MS, holds: [] },
    presence: {
      upMs: 1000,
      busy: [2],
      about: { ...consumer, runtime: "node 22.1.0", version: "0.1.0", pools: [] },
    },
  });
}

/** Lets a job of `reports` run and fail for good. */
export async function failReport(place: Place): Promise<void> {
  const { jobs: [job] } = await place.store.claim({
    ...{ server: SERVER, pool: "rest", limit: 1, leaseMs: LEASE_MS },
    sources: [{ queue: "reports", types: ["report"], share: 1 }],
  });
  await settle(place, job!, { kind: "dead_letter", error: { message: "no data" } });
}
