/** A memory store whose state tests break, and let the doctor look at. */

import { assertEquals } from "@std/assert";
import { claim, reap } from "../../../../../src/store/memory/claim.ts";
import { act } from "../../../../../src/store/memory/control.ts";
import { check } from "../../../../../src/store/memory/doctor.ts";
import { enqueueGroup } from "../../../../../src/store/memory/enqueue.ts";
import { type Entry, newEntry, toRecord } from "../../../../../src/store/memory/entry.ts";
import { counts, list } from "../../../../../src/store/memory/inspect.ts";
import { promote } from "../../../../../src/store/memory/ready.ts";
import { prune } from "../../../../../src/store/memory/retain.ts";
import { changeSchedule } from "../../../../../src/store/memory/schedules.ts";
import { report, settle } from "../../../../../src/store/memory/settle.ts";
import { MemoryState } from "../../../../../src/store/memory/state.ts";
import { defaultRetention } from "../../../../../src/store/retention.ts";
import type { Store } from "../../../../../src/store/store.ts";
import { FakeClock } from "../../../../../src/testing/fake_clock.ts";
import { type Break, examine, fillWard, patient, treat } from "../../../../support/doctor.ts";

/** The verbs that the tests need, on a state that they can break. */
export function storeOn(state: MemoryState): Store {
  const now = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);
  const verbs: Partial<Store> = {
    enqueue: (groups) => now(() => groups.map((group) => enqueueGroup(state, group))),
    claim: (request) => now(() => claim(state, request)),
    settle: (request) => now(() => settle(state, request)),
    report: (reports) => now(() => report(state, reports)),
    reap: (request) => now(() => reap(state, request)),
    promote: (limit) => now(() => promote(state, limit)),
    prune: (limit) => now(() => prune(state, limit)),
    relay: () => now(() => ({ moved: 0, nextInMs: null })),
    act: (ids, action, from) => now(() => ids.map((id) => act(state, id, action, from))),
    changeSchedule: (change) => now(() => changeSchedule(state, change)),
    getJobs: (ids) =>
      now(() =>
        ids.map((id) => {
          const entry = state.jobs.get(id);
          return entry === undefined ? null : toRecord(entry);
        })
      ),
    list: (query) => now(() => list(state, query)),
    counts: () => now(() => counts(state)),
    check: (request) => now(() => check(state, request)),
  };
  return verbs as Store;
}

/** Breaks a state. */
export type Damage = (state: MemoryState, of: (id: string) => Entry) => void;

/** Changes what types and the store keep from being changed. */
export const damage = (target: object, fields: object): void => void Object.assign(target, fields);

/** An entry that is like a job's, but is not that of the job. */
export function ghost(state: MemoryState, id: string, fields: Partial<Entry>): Entry {
  const entry = newEntry(patient(id), state.lane("default", "work"), 0);
  return Object.assign(entry, fields);
}

/** Tests for each break that it is found and repaired. */
export function testBreaks(breaks: readonly Break<Damage>[]): void {
  for (const one of breaks) {
    Deno.test(`check() on memory finds and repairs ${one.name}`, async () => {
      const clock = new FakeClock();
      const state = new MemoryState(clock, defaultRetention);
      const store = storeOn(state);
      await fillWard(store, clock.now());
      assertEquals(await examine(store, true), []);
      one.how(state, (id) => state.jobs.get(id)!);
      await treat(store, clock, one);
    });
  }
}
