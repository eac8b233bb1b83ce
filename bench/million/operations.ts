/** What is measured: one call of a store each. */

import type { ClaimedJob } from "../../src/job/job.ts";
import type { ListQuery, Store, Verdict } from "../../src/store/store.ts";
import { settle } from "./fill.ts";
import { claimOf, jobs, QUEUES, TYPES } from "./jobs.ts";

/** A store under the bench. */
export interface Subject {
  readonly store: Store;
  /** Jobs that were claimed and not settled, the first to be settled first. */
  readonly held: ClaimedJob[];
  /** Ids of jobs that were enqueued one by one, or first in a batch. */
  readonly waiting: string[];
}

/** One thing to measure. */
export interface Operation {
  readonly name: string;
  /** How often it is called in each round. */
  readonly calls: number;
  /** Gets ready for one call, before all calls of the round; not measured. */
  readonly prepare?: (subject: Subject) => Promise<unknown>;
  readonly call: (subject: Subject) => Promise<unknown>;
}

const MANY = 50;
const HOUR_MS = 3_600_000;
const PAGE = 50;
const complete: Verdict = { kind: "complete", result: '{"ok":true}' };
const retry: Verdict = {
  kind: "retry",
  delayMs: 24 * HOUR_MS,
  counted: true,
  error: { message: "try again" },
};
const dead: Verdict = { kind: "dead_letter", error: { message: "no" } };

function enqueue(count: number): Operation["call"] {
  return async ({ store, waiting }) => {
    const some = jobs(count);
    waiting.push(some[0]!.id);
    await store.enqueue(some.map((job) => [job]));
  };
}

function claim(count: number): Operation["call"] {
  return async ({ store, held }) => void held.push(...(await store.claim(claimOf(count))).jobs);
}

function end(count: number, verdict: Verdict): Operation["call"] {
  return ({ store, held }) => settle(store, held.splice(0, count), verdict);
}

/** Enqueues as many as it claims, so that a store stays as it is. */
function hold(count: number): Operation["call"] {
  return async (subject) => {
    await enqueue(count)(subject);
    await claim(count)(subject);
  };
}

async function cycle({ store, held }: Subject): Promise<void> {
  const outcomes = held.splice(0, MANY).map(({ id, holder: { fence } }) => {
    return { id, fence, verdict: complete, ranMs: 5 };
  });
  const { claimed } = await store.settle({ outcomes, claim: claimOf(MANY) });
  held.push(...claimed!.jobs);
}

function list(name: string, query: Omit<ListQuery, "limit">): Operation {
  return {
    name: `first page: ${name}`,
    calls: 60,
    call: ({ store }) => store.list({ ...query, limit: PAGE }),
  };
}

function lists(now: number): Operation[] {
  const span = { fromAt: now - HOUR_MS, toAt: now + 48 * HOUR_MS };
  const kind = { queue: QUEUES[0]!, type: TYPES[0]! };
  const statuses = ["ready", "scheduled", "deferred", "processing", "retry"] as const;
  const ends = ["completed", "dead_letter", "canceled"] as const;
  return [
    ...[...statuses, ...ends].map((status) => list(status, { status })),
    ...(["ready", "scheduled", "completed", "dead_letter"] as const).flatMap((status) => [
      list(`${status} of a queue`, { status, queue: kind.queue }),
      list(`${status} of a type`, { status, type: kind.type }),
      list(`${status} of both`, { status, ...kind }),
      list(`${status} of a time`, { status, ...span }),
    ]),
  ];
}

/**
 * What is measured at last: the entries of waiting jobs that were canceled stay in line until someone comes upon
 * them, which is soon where few wait.
 */
export const cancels: readonly Operation[] = [
  {
    name: "cancel 1 that waits",
    calls: 100,
    prepare: enqueue(1),
    call: ({ store, waiting }) =>
      store.act([waiting.pop()!], { kind: "cancel", reason: "called off" }),
  },
  { ...list("ready, behind those", { status: "ready" }), prepare: enqueue(1) },
];

/** All that is measured first. */
export function operations(now: number): readonly Operation[] {
  return [
    { name: "enqueue 1", calls: 400, call: enqueue(1) },
    { name: `enqueue ${MANY}`, calls: 80, call: enqueue(MANY) },
    { name: "claim 1", calls: 400, call: claim(1) },
    { name: "settle 1", calls: 400, call: end(1, complete) },
    { name: `claim ${MANY}`, calls: 80, call: claim(MANY) },
    { name: `settle ${MANY}`, calls: 80, call: end(MANY, complete) },
    { name: `settle ${MANY} and claim ${MANY}`, calls: 80, prepare: enqueue(MANY), call: cycle },
    { name: "settle 1: retry", calls: 100, prepare: hold(1), call: end(1, retry) },
    { name: "settle 1: dead letter", calls: 100, prepare: hold(1), call: end(1, dead) },
    {
      name: "enqueue 1, delayed",
      calls: 200,
      call: ({ store }) => store.enqueue([jobs(1, { delayMs: HOUR_MS * 24 })]),
    },
    { name: "counts", calls: 100, call: ({ store }) => store.counts() },
    { name: "totals", calls: 100, call: ({ store }) => store.totals() },
    { name: "days", calls: 100, call: ({ store }) => store.days(7) },
    {
      name: "series of an hour",
      calls: 40,
      call: ({ store }) => store.series({ fromAt: now - HOUR_MS, toAt: now + HOUR_MS }),
    },
    { name: "promote, prune: none due", calls: 100, call: upkeep },
    ...lists(now),
  ];
}

async function upkeep({ store }: Subject): Promise<void> {
  await store.promote(500);
  await store.prune(500);
}
