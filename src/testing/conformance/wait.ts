/**
 * Waiting for a store without sleeping for luck.
 *
 * @module
 */

import assert from "node:assert/strict";
import { sleep, systemClock } from "../../clock.ts";
import type { ClaimedJob } from "../../job/job.ts";
import type { ClaimSource, Store, WakeSource } from "../../store/store.ts";
import { claimRequest, source } from "./builders.ts";
import type { ConformanceHarness } from "./harness.ts";

/** Real milliseconds after which a promise counts as broken. Passing costs none of it. */
const GUARD_MS = 60_000;

/** How far time is moved on while one handle has to notice what another did. */
export const NOTICE_MS: number = 25;

/**
 * Awaits a promise, and fails if it takes far too long. Meanwhile the clock
 * moves on by `stepMs` again and again; 0 makes only the calls that are due.
 */
export async function within<T>(
  harness: ConformanceHarness,
  promise: Promise<T>,
  what: string,
  stepMs: number = 0,
): Promise<T> {
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  promise.then(mark, mark);
  const startedAt = systemClock.mono();
  while (!settled) {
    const waited = systemClock.mono() - startedAt;
    assert.ok(waited < GUARD_MS, `${what} must happen, but did not for ${GUARD_MS / 1000} s`);
    await harness.advance(stepMs);
    await sleep(systemClock, settled ? 0 : 1);
  }
  return await promise;
}

/** Asserts that a promise has not resolved, after giving it the opportunity. */
export async function stillWaits(promise: Promise<unknown>, what: string): Promise<void> {
  const waits = await Promise.race([
    promise.then(() => false),
    sleep(systemClock, 5).then(() => true),
  ]);
  assert.ok(waits, `${what} must not have resolved yet`);
}

/** Lets whatever can run without time passing run. */
export async function settleDown(): Promise<void> {
  await sleep(systemClock, 2);
}

/**
 * Does as a pool does, until there is work or the signal aborts: looks for
 * work, sleeps until the latch or the next due time, looks again.
 */
export async function consume(
  harness: ConformanceHarness,
  store: Store,
  wake: WakeSource,
  sources: readonly ClaimSource[],
  signal: AbortSignal,
): Promise<readonly ClaimedJob[]> {
  while (!signal.aborted) {
    const { jobs, nextDueInMs } = await store.claim(claimRequest({ sources }));
    if (jobs.length > 0) return jobs;
    const dueAt = nextDueInMs === null ? Infinity : harness.now() + nextDueInMs;
    const due = new AbortController();
    let woken = false;
    const waiting = wake.next(AbortSignal.any([signal, due.signal])).then(() => {
      woken = true;
    });
    while (!woken && harness.now() < dueAt) await sleep(systemClock, 1);
    due.abort();
    await waiting;
    // A store that always says "now" must not keep the guards from running.
    await sleep(systemClock, 0);
  }
  return [];
}

/** How `wokenBy` waits. */
export interface WokenOptions {
  /** What the pool takes. */
  readonly sources?: readonly ClaimSource[];
  /** How far time moves on in each step of waiting. */
  readonly stepMs?: number;
}

/**
 * Puts a pool to sleep, lets something happen, and returns the ids that the
 * pool then claims. Fails if the pool is left asleep.
 */
export async function wokenBy(
  harness: ConformanceHarness,
  store: Store,
  cause: () => Promise<unknown>,
  options: WokenOptions = {},
): Promise<string[]> {
  const sources = options.sources ?? [source(null)];
  using wake = store.subscribe(sources);
  const stop = new AbortController();
  const consumed = consume(harness, store, wake, sources, stop.signal);
  try {
    await settleDown();
    await cause();
    const jobs = await within(harness, consumed, "the wake of a waiting pool", options.stepMs ?? 0);
    return jobs.map((job) => job.id);
  } finally {
    stop.abort();
    await consumed.catch(() => undefined);
  }
}
