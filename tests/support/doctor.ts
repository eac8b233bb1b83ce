/** What the tests of the doctor share: a ward of jobs, looks at a store, and the way to everyone's end. */

import { assert, assertEquals } from "@std/assert";
import type { ClaimedJob } from "../../src/job/job.ts";
import type {
  CheckReply,
  Finding,
  FindingKind,
  NewJob,
  Store,
  Verdict,
} from "../../src/store/store.ts";
import { change, define } from "../../src/testing/conformance/schedule_builders.ts";
import type { FakeClock } from "../../src/testing/fake_clock.ts";

/** More than a row of its own takes. */
export const LARGE: string = JSON.stringify("x".repeat(3000));

const TYPES = ["work", "held", "parent"];

export function patient(id: string, fields: Partial<NewJob> = {}): NewJob {
  return {
    id,
    type: "work",
    queue: "default",
    priority: 0,
    payload: "{}",
    settings: {},
    ...fields,
  };
}

/** All findings of one walk. */
export async function examine(store: Store, repair: boolean, limit = 500): Promise<Finding[]> {
  const findings: Finding[] = [];
  let reply: CheckReply | undefined;
  for (let step = 0; reply === undefined || reply.cursor !== undefined; step++) {
    assert(step < 10_000, "a walk must end");
    const { cursor } = reply ?? {};
    reply = await store.check({ repair, limit, ...(cursor === undefined ? {} : { cursor }) });
    findings.push(...reply.findings);
  }
  return findings;
}

/** What was found, in short, in order. */
export function short(findings: readonly Finding[]): string[] {
  return findings.map(({ kind, id }) => `${kind} ${id}`).sort();
}

async function claim(store: Store, type: string, limit: number): Promise<readonly ClaimedJob[]> {
  const sources = [{ queue: null, types: [type], share: limit }];
  const { jobs } = await store.claim({ server: "s1", pool: "p", sources, limit, leaseMs: 15_000 });
  return jobs;
}

const verdicts: Readonly<Record<string, Verdict>> = {
  completed: { kind: "complete", result: "1" },
  dead: { kind: "dead_letter", error: { message: "no" } },
  retry: { kind: "retry", delayMs: 1000, counted: true, error: { message: "no" } },
};

/**
 * One job in each situation: `ready`, `first`, `later`, `retry`, `held`, `completed`, `dead`, `kept` (with a
 * retention of its own), `parent` with `child` and `other`, `child` with `grandchild`, `big` and `key`.
 */
export async function fillWard(store: Store, now: number): Promise<void> {
  const own = { retention: { failedMs: 9_000_000, completedMs: 9_000_000 } };
  for (const [id, verdict] of Object.entries(verdicts)) {
    await store.enqueue([[patient(id, id === "dead" ? { settings: own } : {})]]);
    const [job] = await claim(store, "work", 1);
    const hold = { id, fence: job!.holder.fence };
    await store.report([{ ...hold, logs: ["a", "b"], progress: { value: 1 } }]);
    await store.settle({ outcomes: [{ ...hold, verdict, ranMs: 1 }] });
  }
  const dependsOn = (id: string, onFailure: "cancel" | "continue" = "cancel") => ({
    settings: { dependsOn: [{ id, onFailure }] },
  });
  const notes = [{ slotAt: 1, outcome: "missed" }] as const;
  for (const id of ["s", "s.1"]) await change(store, define(id, { notes, dueAt: now + 1e9 }));
  await store.enqueue([
    [patient("held", { type: "held", payload: LARGE })],
    [patient("ready")],
    [patient("first", { settings: { expireAt: now + 500_000 } })],
    [patient("later", { delayMs: 2000 })],
    [patient("big", { payload: LARGE })],
    [patient("key", { settings: { unique: { key: "k", until: "removed" } } })],
    [
      patient("parent", { type: "parent" }),
      patient("child", dependsOn("parent")),
      patient("other", dependsOn("parent", "continue")),
      patient("grandchild", dependsOn("child")),
    ],
  ]);
  assertEquals((await claim(store, "held", 1)).map(({ id }) => id), ["held"]);
}

/** Jobs of the ward. */
export const WARD: readonly string[] = [
  ...Object.keys(verdicts),
  ...["held", "ready", "first", "later", "big", "key", "parent", "child", "other", "grandchild"],
];

/** Lets every job that can run come to its end, also those that a person would retry. */
export async function runToEnd(store: Store, clock: FakeClock): Promise<Record<string, string>> {
  await store.act(WARD, { kind: "retry" }, "failed");
  for (let round = 0; round < 6; round++) {
    await clock.advance(20_000);
    await store.reap({ limit: 100, maxDeliveries: 10 });
    await store.promote(100);
    while ((await store.relay(100)).nextInMs === 0);
    for (const type of TYPES) {
      const jobs = await claim(store, type, 100);
      const outcomes = jobs.map(({ id, holder: { fence } }) => {
        return { id, fence, verdict: verdicts.completed!, ranMs: 1 };
      });
      assertEquals(
        (await store.settle({ outcomes })).results,
        outcomes.map(() => "ok"),
      );
    }
  }
  const records = await store.getJobs(WARD);
  return Object.fromEntries(records.map((record, i) => [WARD[i], record?.status ?? "gone"]));
}

/** What is broken, and what is to be found. */
export interface Break<How> {
  readonly name: string;
  readonly how: How;
  readonly kind: FindingKind;
  readonly id: string | null;
  /** Further findings that are right, as `short` says them. */
  readonly also?: readonly string[];
  /** What a repair says, as one may put right what is found of several jobs. @default {the same} */
  readonly repairs?: readonly string[];
  /** Statuses at the end, where they are not `completed`. */
  readonly ends?: Readonly<Record<string, string>>;
  /** Looks at the store right after the repair. */
  readonly look?: (store: Store) => Promise<void>;
}

/** Examines a store that was broken: everything is found, explained, and repaired once. */
export async function treat(store: Store, clock: FakeClock, one: Break<unknown>): Promise<void> {
  const expected = [`${one.kind} ${one.id}`, ...one.also ?? []].sort();
  const seen = await examine(store, false);
  assertEquals(short(seen), expected);
  assert(seen.every(({ text, repaired }) => text.length > 10 && !repaired), "nothing is repaired");
  // A look changes nothing.
  assertEquals(await examine(store, false, 1), seen);
  const repaired = await examine(store, true, 3);
  assertEquals(short(repaired), one.repairs ?? expected);
  assert(repaired.every((finding) => finding.repaired), "everything is repaired");
  assertEquals(await examine(store, true), []);
  await one.look?.(store);
  const all = Object.fromEntries(
    WARD.map((id) => [id, id === "dead" ? "dead_letter" : "completed"]),
  );
  assertEquals(await runToEnd(store, clock), { ...all, ...one.ends });
  assertEquals(await examine(store, true), []);
}

/** Asserts some fields of a job. */
export async function assertRecord(store: Store, id: string, fields: object): Promise<void> {
  const [record] = await store.getJobs([id]);
  const found = Object.fromEntries(Object.keys(fields).map((key) => [key, record?.[key as "id"]]));
  assertEquals(found, fields as Record<string, never>);
}

/** It failed, and a person finds it in the list. */
export const failedWith = (id: string, error: string) => async (store: Store): Promise<void> => {
  await assertRecord(store, id, { status: "failed", error });
  const { jobs } = await store.list({ status: "failed", limit: 10 });
  assertEquals(jobs.map((record) => record.id), [id]);
};
