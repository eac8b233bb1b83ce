/**
 * Jobs of all kinds are enqueued while worker processes are killed and paused
 * and their store fails; then everything must end.
 */

import { assert, assertEquals } from "@std/assert";
import { Client, isFinal, type Store } from "../../../mod.ts";
import type { Workers } from "../workers.ts";
import { type Findings, judge } from "./judge.ts";
import { HELD, planUnits } from "./plan.ts";
import { isPassing, Production, sleep } from "./produce.ts";

/** What happens. */
export interface MixedRun {
  /** The producer's, with a short patience. */
  readonly store: Store;
  readonly workers: Workers;
  /** File of effects. */
  readonly effects: string;
  readonly rng: () => number;
  readonly jobs: number;
  /** Time over which jobs are enqueued and workers killed. */
  readonly forMs: number;
  /** Time between two kills. @default {300} */
  readonly killEveryMs?: number;
  /** What must be there before jobs are enqueued and workers killed. */
  readonly untilReady?: () => Promise<void>;
  /** What happens to the store, spread over that time. */
  readonly storeFaults: readonly (() => Promise<void>)[];
}

const KILL_EVERY_MS = 300;
const PAUSE_EVERY_MS = 4000;
/** How long a pause is: longer than a lease, so that its holder is a late one. */
const PAUSE_MS = 1500;
const WORKERS = 3;
/** Time from the last kill to the end of all jobs. */
const END_WITHIN_MS = 120_000;
const POLL_MS = 200;
const SHOWN = 10;

/** Runs it all, prints the figures and checks them. */
export async function runMixed(run: MixedRun): Promise<void> {
  const { store, workers, effects, rng, forMs, storeFaults, killEveryMs = KILL_EVERY_MS } = run;
  await using client = new Client({ store });
  workers.start(WORKERS);
  await run.untilReady?.();
  const began = performance.now();
  const signal = AbortSignal.timeout(forMs + END_WITHIN_MS);
  const units = [HELD, ...planUnits(rng, run.jobs)];
  const production = new Production({ client, units, rng, forMs, signal });
  const [{ accepted, repeats }] = await Promise.all([
    production.run(),
    workers.trouble({ rng, forMs, everyMs: killEveryMs, pauseMs: 0, pauseShare: 0 }),
    workers.trouble({ rng, forMs, everyMs: PAUSE_EVERY_MS, pauseMs: PAUSE_MS, pauseShare: 1 }),
    killHolder(workers, effects, signal),
    strike(storeFaults, began, forMs),
  ]);
  const producedMs = Math.round(performance.now() - began);
  await untilAllFinal(store, began + forMs + END_WITHIN_MS);
  const endedMs = Math.round(performance.now() - began - forMs);
  const findings = await judge(store, accepted, effects);
  const { lost, doubled, early, deliveries, late, stale } = findings;
  console.log(
    `${accepted.size} jobs, ${workers.killed} kills, ${workers.paused} pauses, ` +
      `${storeFaults.length} restarts, ${repeats} calls repeated, ` +
      `${deliveries} deliveries lost, ${late} late ends, ${stale} late starts; all final after ${endedMs} ms ` +
      `(${producedMs} ms with the enqueueing); lost = ${lost.length}, ` +
      `doubled by live holders = ${doubled.length}, child before parent = ${early.length}`,
  );
  check(findings);
  const total = (await store.counts()).reduce((sum, { count }) => sum + count, 0);
  assertEquals(total, accepted.size, "what was accepted is there, and nothing else");
  assertEquals(workers.crashes, []);
  assert(workers.killed > 0 && deliveries > 0, "the test has met what it is about");
}

function check({ lost, doubled, early }: Findings): void {
  const shown = Object.entries({ lost, doubled, early }).flatMap(([what, found]) =>
    found.slice(0, SHOWN).map((one) => `${what}: ${one}`)
  );
  assertEquals(shown, []);
}

/** Kills the worker that holds the job which is held until then; others may be idle when they die. */
async function killHolder(workers: Workers, effects: string, signal: AbortSignal): Promise<void> {
  const start = new RegExp(String.raw`^start ${HELD.jobs[0].id} \d+ (\d+)\n`, "m");
  for (;;) {
    signal.throwIfAborted();
    const pid = start.exec(await Deno.readTextFile(effects))?.[1];
    if (pid !== undefined) {
      const index = workers.pids.indexOf(Number(pid));
      if (index >= 0) await workers.replace(index);
      return;
    }
    await sleep(POLL_MS);
  }
}

/** Lets the store fail at even distances. */
async function strike(
  faults: readonly (() => Promise<void>)[],
  began: number,
  forMs: number,
): Promise<void> {
  for (const [i, fault] of faults.entries()) {
    await sleep(began + forMs * (i + 1) / (faults.length + 1) - performance.now());
    await fault();
  }
}

/** Waits until all jobs have ended; fails with those that have not, and why. */
async function untilAllFinal(store: Store, deadline: number): Promise<void> {
  for (;;) {
    const left = await leftIn(store);
    if (left?.length === 0) return;
    if (performance.now() > deadline) {
      throw new Error(`Jobs are left: ${left?.join(", ")}; ${await reasons(store)}`);
    }
    await sleep(POLL_MS);
  }
}

/** What is not final; undefined while the store is away. */
async function leftIn(store: Store): Promise<string[] | undefined> {
  try {
    return (await store.counts()).filter(({ status }) => !isFinal(status))
      .map(({ count, type, status }) => `${count} ${type} ${status}`);
  } catch (error) {
    if (!isPassing(error)) throw error;
    return undefined;
  }
}

/** Some of the jobs that are left, and what they wait for. */
async function reasons(store: Store): Promise<string> {
  const shown: unknown[] = [];
  for (const status of ["deferred", "ready", "scheduled", "retry", "processing"] as const) {
    const { jobs } = await store.list({ status, limit: SHOWN });
    for (const { id, pendingParents, holder, runAt, deliveries, attempts } of jobs) {
      const parents = (await store.getJobs(pendingParents)).map((job, i) =>
        `${pendingParents[i]} ${job?.status ?? "gone"}`
      );
      const last = attempts.at(-1);
      shown.push({ id, status, parents, holder, runAt, deliveries, last });
    }
  }
  return JSON.stringify(shown, null, 1);
}
