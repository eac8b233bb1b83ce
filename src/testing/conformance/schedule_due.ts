/**
 * Schedules: which are due, which there are, and who is woken.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Store } from "../../store/store.ts";
import { newJob } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";
import { change, define, fire, readSchedule, scheduleState } from "./schedule_builders.ts";
import { NOTICE_MS, settleDown, stillWaits, within } from "./wait.ts";

async function ids(store: Store, due: number, can: readonly string[] = []): Promise<string[]> {
  return (await store.schedules({ due, can })).records.map(({ id }) => id);
}

/** Makes a schedule that is due so many milliseconds from now. */
async function dueIn(h: ConformanceHarness, store: Store, id: string, ms: number): Promise<void> {
  const at = h.now() + ms;
  await change(store, define(id, { slotAt: at, dueAt: at }));
}

async function wakes(h: ConformanceHarness, latches: Store, writes: Store): Promise<void> {
  await dueIn(h, writes, "later", 60_000);
  using latch = latches.subscribe([]);
  const waitFor = async (cause: () => Promise<unknown>, isSet: boolean): Promise<void> => {
    // It may be set without reason, as by what came before.
    const flush = new AbortController();
    const before = latch.next(flush.signal);
    await settleDown();
    flush.abort();
    await before;
    const stop = new AbortController();
    const set = latch.next(stop.signal);
    try {
      await settleDown();
      await cause();
      if (isSet) await within(h, set, "the latch of upkeep", NOTICE_MS);
      else await stillWaits(set, "the latch of upkeep");
    } finally {
      stop.abort();
    }
  };
  await waitFor(() => dueIn(h, writes, "sooner", 30_000), true);
  if (latches === writes) await waitFor(() => dueIn(h, writes, "last", 90_000), false);
  const { version } = await readSchedule(writes, "later");
  const write = scheduleState({ slotAt: h.now() + 1000, dueAt: h.now() + 1000 });
  await waitFor(() => change(writes, { id: "later", version, write }), true);
}

/** What reading schedules promises. */
export const scheduleDueCases: readonly ConformanceCase[] = stageCases("schedule", {
  async "schedules() gives those that are due, earliest first, and says when the next one is"(h) {
    const store = await h.open();
    assert.deepEqual(await store.schedules({ due: 10, can: [] }), {
      now: h.now(),
      records: [],
      nextInMs: null,
    });
    await dueIn(h, store, "c", 30);
    await dueIn(h, store, "a", 20);
    await dueIn(h, store, "b", 10);
    await change(store, define("ended"));
    await change(store, define("paused", { paused: true, slotAt: h.now() }));
    assert.deepEqual(await store.schedules({ due: 10, can: [] }), {
      now: h.now(),
      records: [],
      nextInMs: 10,
    });
    await h.advance(20);
    const reply = await store.schedules({ due: 10, can: [] });
    assert.deepEqual(reply.records.map(({ id }) => id), ["b", "a"]);
    assert.deepEqual(reply.records[0], await readSchedule(store, "b"));
    assert.equal(reply.nextInMs, 10);
    await h.advance(10);
    const two = await store.schedules({ due: 2, can: [] });
    assert.deepEqual(two.records.map(({ id }) => id), ["b", "a"]);
    assert.equal(two.nextInMs, 0);
    const { version } = await readSchedule(store, "b");
    const write = scheduleState({ slotAt: h.now() + 500, dueAt: h.now() + 500 });
    await change(store, { id: "b", version, write });
    const rest = await store.schedules({ due: 2, can: [] });
    assert.deepEqual([rest.records.map(({ id }) => id), rest.nextInMs], [["a", "c"], 500]);
    const a = await readSchedule(store, "a");
    await store.changeSchedule({ id: "a", version: a.version, write: null });
    assert.deepEqual(await ids(store, 10), ["c"]);
  },

  async "schedules() gives custom ones that are due to those who can compute them"(h) {
    const store = await h.open();
    const custom = { custom: true, slotAt: null };
    await change(store, define("x", { ...custom, dueAt: h.now() }));
    await change(store, define("y", { ...custom, dueAt: h.now() + 100 }));
    await dueIn(h, store, "plain", 200);
    const asked = async (can: string[]) => {
      const { records, nextInMs } = await store.schedules({ due: 1, can });
      return [records.map(({ id }) => id), nextInMs];
    };
    assert.deepEqual(await asked([]), [[], 200]);
    assert.deepEqual(await asked(["y", "no-one"]), [[], 100]);
    assert.deepEqual(await asked(["x", "y", "plain"]), [["x"], 100]);
    await h.advance(200);
    assert.deepEqual(await asked([]), [["plain"], null]);
    const [found, next] = await asked(["x", "y", "plain"]);
    assert.deepEqual([(found as string[]).sort(), next], [["plain", "x", "y"], null]);
  },

  async "schedules() gives pages in the order of the ids"(h) {
    const store = await h.open();
    const all = Array.from({ length: 25 }, (_, i) => `s-${String(i).padStart(2, "0")}`);
    for (const id of all.toReversed()) await change(store, define(id));
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 10, ...(cursor === undefined ? {} : { cursor }) };
      const page = await store.schedules(query);
      found.push(...page.records.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    assert.deepEqual(found, all);
    const some = await store.schedules({ ids: ["s-03", "no-one", "s-01"] });
    assert.deepEqual(some.records.map(({ id }) => id), ["s-03", "s-01"]);
    await assert.rejects(() => store.schedules({ limit: 0 }), { name: "InvalidOptionError" });
    await assert.rejects(() => store.schedules({ due: 501, can: [] }), {
      name: "InvalidOptionError",
    });
    await assert.rejects(() => store.scheduleHistory("s-03", { limit: 1, cursor: "x" }), {
      name: "InvalidOptionError",
    });
  },

  async "the latch of upkeep is set when a schedule is due before the others"(h) {
    const store = await h.open();
    await wakes(h, store, store);
  },

  async "a job of a fire wakes the pool that takes it"(h) {
    const store = await h.open();
    using latch = store.subscribe([{ queue: "default", types: ["work"], share: 1 }]);
    const stop = new AbortController();
    const set = latch.next(stop.signal);
    await settleDown();
    await change(store, define("s", { fires: [fire(newJob("a"))] }));
    await within(h, set, "the latch of a pool");
    stop.abort();
  },
});

/** What other handles hear of schedules. */
export const scheduleDueSharedCases: readonly ConformanceCase[] = stageCases("schedule", {
  async "the latch of upkeep is set when another handle makes a schedule that is due before the others"(
    h,
  ) {
    await wakes(h, await h.open(), await h.openSecond());
  },
}, "shared");
