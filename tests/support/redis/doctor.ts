/** A Redis store that tests break and let the doctor look at. */

import { assertEquals } from "@std/assert";
import type { DoctorStage, Finding } from "../../../src/store/doctor_stage.ts";
import { redisStore } from "../../../src/store/redis/store.ts";
import type { ClaimRequest, NewJob, RetentionLimits, Store } from "../../../src/store/store.ts";
import type { ClaimedJob } from "../../../src/job/job.ts";
import type { Verdict } from "../../../src/store/store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { RespClient } from "./resp_client.ts";
import { removeKeys, testRedis, testRedisProblem, uniquePrefix } from "./shared.ts";

/** Longer than what goes through a script. */
export const LARGE = `"${"x".repeat(9000)}"`;

/** A store under a clock of the test's, and a connection to break it by. */
export interface Patient {
  readonly store: Store & DoctorStage;
  readonly clock: FakeClock;
  /** Sends a command; `KEY:` in a word stands for the root of all keys. */
  readonly call: (...words: string[]) => Promise<unknown>;
}

/** Makes a store with a prefix of its own, and removes its keys at the end. */
export function testPatient(
  name: string,
  use: (patient: Patient) => Promise<void>,
  retention: Partial<RetentionLimits> = {},
): void {
  Deno.test({
    name,
    ignore: testRedisProblem() !== undefined,
    async fn() {
      const prefix = uniquePrefix();
      const clock = new FakeClock();
      try {
        await using store = redisStore(testRedis(), { prefix, clock, retention }) as
          & Store
          & DoctorStage;
        await store.open();
        await using client = await RespClient.connect(testRedis());
        const call: Patient["call"] = (...words) =>
          client.call(...words.map((word) => word.replaceAll("KEY:", `{${prefix}}:`)));
        await use({ store, clock, call });
      } finally {
        await removeKeys(testRedis(), prefix);
      }
    },
  });
}

/** What a whole check finds, in steps of a size. */
export async function examine(
  store: DoctorStage,
  repair: boolean = false,
  limit: number = 100,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let cursor: string | undefined;
  for (let steps = 0; steps < 100_000; steps++) {
    const reply = await store.check({ repair, limit, ...cursor === undefined ? {} : { cursor } });
    findings.push(...reply.findings);
    cursor = reply.cursor;
    if (cursor === undefined) return findings;
  }
  throw new Error("Cannot go on as the check did not end");
}

/** A job for the port. */
export function job(id: string, fields: Partial<NewJob> = {}): NewJob {
  return { id, type: "t", queue: "q", priority: 0, payload: "1", settings: {}, ...fields };
}

/** A job that waits for others. */
export function child(id: string, parents: readonly string[], onFailure?: "cancel"): NewJob {
  const edges = parents.map((parent) => ({ id: parent, onFailure: onFailure ?? "continue" }));
  return job(id, { settings: { dependsOn: edges } as NewJob["settings"] });
}

/** Enqueues each by itself; all must be accepted. */
export async function put(store: Store, ...jobs: readonly NewJob[]): Promise<void> {
  const replies = await store.enqueue(jobs.map((one) => [one]));
  assertEquals(new Set(replies.map(({ outcome }) => outcome)), new Set(["created"]));
}

/** Claims all that is ready, or as the fields say. */
export async function claim(
  store: Store,
  fields: Partial<ClaimRequest> = {},
): Promise<readonly ClaimedJob[]> {
  const sources = [{ queue: null, types: ["t", "u"], share: 1000 }];
  const request = { server: "s", pool: "p", sources, limit: 1000, leaseMs: 1000, ...fields };
  return (await store.claim(request)).jobs;
}

/** Ends attempts. */
export async function settle(
  store: Store,
  held: readonly ClaimedJob[],
  verdict: Verdict = { kind: "complete", result: null },
): Promise<void> {
  const outcomes = held.map(({ id, holder: { fence } }) => ({ id, fence, verdict, ranMs: 1 }));
  const { results } = await store.settle({ outcomes });
  assertEquals(new Set(results), new Set(["ok"]));
}

/** Enqueues one job, and claims it alone. */
export async function start(store: Store, one: NewJob): Promise<ClaimedJob> {
  const queue = `alone-${one.id}`;
  await put(store, { ...one, queue });
  const [held] = await claim(store, {
    sources: [{ queue, types: [one.type], share: 1 }],
    limit: 1,
  });
  return held!;
}

/** Lets all that is there run to its end. */
export async function runAll({ store, clock }: Patient): Promise<void> {
  for (let round = 0; round < 50; round++) {
    await clock.advance(100_000);
    await store.reap({ limit: 1000, maxDeliveries: 99 });
    await store.promote(1000);
    await store.relay(1000);
    const held = await claim(store);
    if (held.length > 0) await settle(store, held);
    else if (round > 2) return;
  }
}
