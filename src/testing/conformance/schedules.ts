/**
 * Schedules: each change is one step, made from the newest version or not at all.
 *
 * @module
 */

import assert from "node:assert/strict";
import { claimOne, newJob, read, statusesOf, tally } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";
import {
  change,
  define,
  done,
  fire,
  fireNow,
  historyOf,
  readSchedule,
  scheduleState,
} from "./schedule_builders.ts";

/** What a store says of a schedule, or of a change, that was made from another version. */
const STRANGE = '{"text":"ü \\u0000 \\ud800 | \\" \\n","n":12345678901234567890}';

/** What changeSchedule promises. */
export const scheduleCases: readonly ConformanceCase[] = stageCases("schedule", {
  async "changeSchedule() makes a schedule, changes it and removes it"(h) {
    const store = await h.open();
    const now = h.now();
    const state = scheduleState({
      definition: STRANGE,
      source: "code",
      scope: "shop",
      slotAt: now + 5000,
      dueAt: now + 5010,
    });
    const made = await change(store, { id: "s", version: null, write: state });
    const nothing = {
      lastSlotAt: null,
      lastFiredAt: null,
      lastStartAt: null,
      lastOutcome: null,
      lastJobId: null,
    };
    const expected = { ...state, ...nothing, id: "s", createdAt: now, updatedAt: now };
    assert.deepEqual(made, { ...expected, version: made.version });
    assert.deepEqual(await readSchedule(store, "s"), made);
    await h.advance(100);
    const other = scheduleState({ paused: true, custom: true, slotAt: now });
    const { version } = await change(store, { id: "s", version: made.version, write: other });
    assert.ok(version > made.version, "the version rises");
    const changed = { ...expected, ...other, version, updatedAt: now + 100 };
    assert.deepEqual(await readSchedule(store, "s"), changed);
    await h.advance(100);
    const next = { ...other, slotAt: now + 1, dueAt: now + 2 };
    const moved = await change(store, { id: "s", version, write: next });
    assert.deepEqual(moved, { ...changed, ...next, version: moved.version }, "not redefined");
    const reply = await store.changeSchedule({ id: "s", version: moved.version, write: null });
    assert.deepEqual(reply, { outcome: "done", now: now + 200, record: null, fires: [] });
    assert.deepEqual((await store.schedules({ ids: ["s"] })).records, []);
  },

  async "changeSchedule() raises updatedAt each time that a schedule is redefined, also at once"(
    h,
  ) {
    const store = await h.open();
    let { version, updatedAt } = await change(store, define("s"));
    for (const paused of [true, false, true]) {
      const next = await change(store, { id: "s", version, write: scheduleState({ paused }) });
      assert.ok(next.updatedAt > updatedAt, `${next.updatedAt} after ${updatedAt}`);
      const [moved] = await fireNow(store, "s", fire(newJob(`a-${paused}-${next.version}`)));
      assert.equal(moved?.outcome, "fired");
      ({ version, updatedAt } = await readSchedule(store, "s"));
      assert.equal(updatedAt, next.updatedAt, "a fire does not define it");
    }
  },

  async "changeSchedule() from another version changes nothing"(h) {
    const store = await h.open();
    const first = await change(store, define("s"));
    const second = await change(store, { id: "s", version: first.version, write: scheduleState() });
    const fires = [fire(newJob("a"))];
    const notes = [{ slotAt: 1, outcome: "missed" }] as const;
    const now = h.now();
    for (const version of [null, first.version, second.version + 1]) {
      for (const write of [scheduleState({ paused: true }), undefined, null]) {
        const reply = await store.changeSchedule({ id: "s", version, write, fires, notes });
        assert.deepEqual(reply, { outcome: "stale", now, record: second });
      }
    }
    const gone = await store.changeSchedule({ id: "no-one", version: 1, write: null, fires });
    assert.deepEqual(gone, { outcome: "stale", now, record: null });
    assert.deepEqual(await readSchedule(store, "s"), second);
    assert.deepEqual(await historyOf(store, "s"), []);
    assert.deepEqual(await statusesOf(store, "a"), [null]);
  },

  async "changeSchedule() from the version of a schedule that was removed changes nothing"(h) {
    const store = await h.open();
    const old = await change(store, define("s", { notes: [{ slotAt: 1, outcome: "error" }] }));
    done(await store.changeSchedule({ id: "s", version: old.version, write: null }));
    const made = await change(store, define("s"));
    assert.ok(made.version > old.version);
    const reply = await store.changeSchedule({ id: "s", version: old.version, write: null });
    assert.equal(reply.outcome, "stale");
    assert.deepEqual(await historyOf(store, "s"), [], "nothing of the old one's history");
    assert.equal(made.lastOutcome, null);
  },

  async "changeSchedule() without 'write' leaves the schedule as it is"(h) {
    const store = await h.open();
    const made = await change(store, define("s", { definition: STRANGE, slotAt: 5, dueAt: 7 }));
    await h.advance(10);
    const [reply] = await fireNow(store, "s", fire(newJob("a"), { kind: "trigger", slotAt: 3 }));
    assert.deepEqual(reply, { outcome: "fired", jobId: "a" });
    const after = await readSchedule(store, "s");
    assert.deepEqual(after, {
      ...made,
      version: after.version,
      lastFiredAt: h.now(),
      lastOutcome: "fired",
      lastJobId: "a",
    });
  },

  async "a fire enqueues its job, and the schedule and its history say so"(h) {
    const store = await h.open();
    const job = newJob("s.1000", {
      type: "report",
      queue: "slow",
      priority: 7,
      payload: `"${"x".repeat(9000)}"`,
      settings: { maxRetry: 1, meta: { a: 1 }, schedule: { id: "s", slotAt: 1000 } },
    });
    const now = h.now();
    const { fires, record } = done(
      await store.changeSchedule(define("s", {
        slotAt: 2000,
        dueAt: 2000,
        notes: [
          { slotAt: 500, outcome: "missed", count: 4 },
          { slotAt: 800, outcome: "error", note: "Cannot | say\nwhy" },
        ],
        fires: [fire(job, { slotAt: 1000 }), fire(newJob("b"), { kind: "start", slotAt: 1001 })],
      })),
    );
    assert.deepEqual(fires, [
      { outcome: "fired", jobId: "s.1000" },
      { outcome: "fired", jobId: "b" },
    ]);
    const { type, queue, priority, payload, settings, status } = await read(store, job.id);
    assert.deepEqual({ id: job.id, type, queue, priority, payload, settings }, job);
    assert.equal(status, "ready");
    assert.deepEqual(record, {
      ...await readSchedule(store, "s"),
      lastSlotAt: 1000,
      lastFiredAt: now,
      lastStartAt: now,
      lastOutcome: "fired",
      lastJobId: "b",
    });
    assert.deepEqual(await historyOf(store, "s"), [
      { at: now, slotAt: 1001, kind: "start", outcome: "fired", jobId: "b" },
      { at: now, slotAt: 1000, kind: "slot", outcome: "fired", jobId: "s.1000" },
      { at: now, slotAt: 800, kind: "slot", outcome: "error", note: "Cannot | say\nwhy" },
      { at: now, slotAt: 500, kind: "slot", outcome: "missed", count: 4 },
    ]);
    const claimed = await claimOne(store, {
      sources: [{ queue: "slow", types: ["report"], share: 1 }],
    });
    assert.deepEqual(claimed.settings.schedule, { id: "s", slotAt: 1000 });
  },

  async "a fire whose job is there already is a duplicate, also when that job has ended"(h) {
    const store = await h.open();
    await change(store, define("s"));
    for (const overlap of ["skip", "allow", "replace", "queueOne"] as const) {
      await fireNow(store, "s", fire(newJob(overlap)));
      const [reply] = await fireNow(store, "s", fire(newJob(overlap), { overlap, slotAt: 9 }));
      assert.deepEqual(reply, { outcome: "duplicate", jobId: overlap });
      const { lastOutcome, lastJobId, lastSlotAt } = await readSchedule(store, "s");
      assert.deepEqual([lastOutcome, lastJobId, lastSlotAt], ["duplicate", overlap, 9]);
    }
    assert.deepEqual(await tally(store), { "default/work/ready": 4 });
  },

  async "a history keeps the newest 100 lines, and its pages are stable"(h) {
    const store = await h.open();
    await change(store, define("s"));
    for (let i = 0; i < 3; i++) {
      const { version } = await readSchedule(store, "s");
      const notes = Array.from({ length: 40 }, (_, k) => (
        { slotAt: 40 * i + k, outcome: "missed" } as const
      ));
      await change(store, { id: "s", version, notes });
    }
    const slots = (entries: readonly { slotAt: number }[]) => entries.map(({ slotAt }) => slotAt);
    const all = Array.from({ length: 100 }, (_, i) => 119 - i);
    assert.deepEqual(slots(await historyOf(store, "s", 500)), all);
    const first = await store.scheduleHistory("s", { limit: 30 });
    await fireNow(store, "s", fire(newJob("a"), { slotAt: 500 }));
    const second = await store.scheduleHistory("s", { limit: 30, cursor: first.cursor! });
    assert.deepEqual(slots([...first.entries, ...second.entries]), all.slice(0, 60));
    const last = await store.scheduleHistory("s", { limit: 100, cursor: second.cursor! });
    assert.deepEqual(slots(last.entries), all.slice(60, 99));
    assert.equal(last.cursor, undefined);
    assert.deepEqual(await store.scheduleHistory("no-one", { limit: 1 }), { entries: [] });
  },

  async "100 fires of one change run in their order"(h) {
    const store = await h.open();
    const fires = Array.from({ length: 100 }, (_, i) => fire(newJob(`j${i}`), { slotAt: i }));
    const reply = done(await store.changeSchedule(define("s", { fires })));
    assert.deepEqual(reply.fires, fires.map(({ job }) => ({ outcome: "fired", jobId: job.id })));
    const { jobs } = await store.claim({
      server: "server-1",
      pool: "pool-1",
      sources: [{ queue: null, types: ["work"], share: 100 }],
      limit: 100,
      leaseMs: 1000,
    });
    assert.deepEqual(jobs.map(({ id }) => id), fires.map(({ job }) => job.id));
  },
});

/** What schedules promise beyond one handle. */
export const scheduleSharedCases: readonly ConformanceCase[] = stageCases("schedule", {
  async "of changes at once from one version one is made"(h) {
    const [one, two] = [await h.open(), await h.openSecond()];
    let { version } = await change(one, define("s"));
    for (let i = 0; i < 20; i++) {
      const replies = await Promise.all(
        [one, two, one, two].map((store, k) =>
          store.changeSchedule({ id: "s", version, fires: [fire(newJob(`j${i}-${k}`))] })
        ),
      );
      assert.equal(replies.filter(({ outcome }) => outcome === "done").length, 1);
      version = (await readSchedule(two, "s")).version;
    }
    assert.deepEqual(await tally(two), { "default/work/ready": 20 });
    assert.equal((await historyOf(one, "s")).length, 20);
  },
}, "shared");

/** What schedules promise beyond the life of a handle. */
export const scheduleDurableCases: readonly ConformanceCase[] = stageCases("schedule", {
  async "schedules and histories outlive the handle"(h: ConformanceHarness) {
    const store = await h.open();
    const fires = [fire(newJob("a"), { slotAt: 1 })];
    const made = await change(store, define("s", { fires, paused: true }));
    const lines = await historyOf(store, "s");
    const again = await h.reopen();
    assert.deepEqual(await readSchedule(again, "s"), made);
    assert.deepEqual(await historyOf(again, "s"), lines);
  },
}, "durable");
