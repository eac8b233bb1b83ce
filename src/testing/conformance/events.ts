/**
 * Events: listening, going on, and coming too late.
 *
 * @module
 */

import assert from "node:assert/strict";
import { InvalidOptionError } from "../../errors.ts";
import { MAX_EVENTS } from "../../store/event_stage.ts";
import type { Store, StoreEvent } from "../../store/store.ts";
import {
  cancel,
  claimOne,
  complete,
  deadLetter,
  newJob,
  newJobs,
  put,
  runJob,
  settle,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { inShort, toldBy } from "./hearing.ts";

/** Enqueues a great many jobs. */
async function crowd(store: Store, count: number): Promise<void> {
  for (let from = 0; from < count; from += 1000) {
    const jobs = newJobs(Math.min(1000, count - from), `crowd${from}-`);
    await store.enqueue(jobs.map((job) => [job]));
  }
}

/** What listening promises. */
export const eventCases: readonly ConformanceCase[] = stageCases("events", {
  async "watchEvents() tells what happens from then on, with all that belongs to it"(h) {
    const store = await h.open();
    await put(store, newJob("before"));
    using feed = await store.watchEvents();
    await put(store, newJob("a", { queue: "q", type: "x|y", priority: 3 }));
    await h.advance(1000);
    const job = await claimOne(store, { sources: [{ queue: "q", types: ["x|y"], share: 1 }] });
    await settle(store, job, deadLetter('It said "no"\n\u2028\u00e9'));
    const events = await toldBy(store, feed);
    const [created, , ended] = events;
    assert.deepEqual(inShort(events), ["a created ready", "a started processing", "a dead_letter"]);
    assert.deepEqual(created, {
      cursor: created!.cursor,
      at: h.now() - 1000,
      kind: "created",
      id: "a",
      queue: "q",
      type: "x|y",
      status: "ready",
    });
    assert.deepEqual(ended, {
      cursor: ended!.cursor,
      at: h.now(),
      kind: "dead_letter",
      id: "a",
      queue: "q",
      type: "x|y",
      status: "dead_letter",
      error: 'It said "no"\n\u2028\u00e9',
    });
  },

  async "next() cuts errors to 200 characters"(h) {
    const store = await h.open();
    using feed = await store.watchEvents();
    const texts = ["x".repeat(5000), '"\\\n\u0001'.repeat(100), "\u20ac\u00e9".repeat(150), ""];
    for (const [i, text] of texts.entries()) {
      await runJob(store, newJob(`a${i}`), deadLetter(text));
      await runJob(store, newJob(`b${i}`), cancel(text));
      await put(store, newJob(`c${i}`));
      await store.act([`c${i}`], { kind: "cancel", reason: text });
    }
    const ends = (await toldBy(store, feed)).filter((event) => "error" in event);
    assert.deepEqual(
      ends.map((event) => "error" in event && event.error),
      texts.flatMap((text) => Array.from({ length: 3 }, () => text.slice(0, 200))),
    );
  },

  async "next() waits until something happens"(h) {
    const store = await h.open();
    using feed = await store.watchEvents();
    const next = feed.next();
    await put(store, newJob("a"));
    assert.deepEqual(inShort(await next), ["a created ready"]);
  },

  async "next() gives nothing when its signal aborts, and goes on afterwards"(h) {
    const store = await h.open();
    using feed = await store.watchEvents();
    const stop = new AbortController();
    const next = feed.next(stop.signal);
    stop.abort();
    assert.deepEqual(await next, []);
    assert.deepEqual(await feed.next(stop.signal), []);
    await put(store, newJob("a"));
    assert.deepEqual(inShort(await feed.next()), ["a created ready"]);
  },

  async "next() gives nothing when the feed is disposed of or the store is closed"(h) {
    const store = await h.open();
    const [one, other] = [await store.watchEvents(), await store.watchEvents()];
    const waiting = [one.next(), other.next()];
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    assert.deepEqual([await waiting[0], await one.next()], [[], []]);
    await store.close();
    assert.deepEqual([await waiting[1], await other.next()], [[], []]);
  },

  async "next() tells each of two listeners everything"(h) {
    const store = await h.open();
    using one = await store.watchEvents();
    await put(store, newJob("a"));
    using other = await store.watchEvents();
    await put(store, newJob("b"));
    assert.deepEqual(inShort(await toldBy(store, one)), ["a created ready", "b created ready"]);
    assert.deepEqual(inShort(await toldBy(store, other)), ["b created ready"]);
    await put(store, newJob("c"));
    assert.deepEqual(inShort(await toldBy(store, other)), ["c created ready"]);
    assert.deepEqual(inShort(await toldBy(store, one)), ["c created ready"]);
  },

  async "watchEvents() goes on after a cursor"(h) {
    const store = await h.open();
    const cursors: string[] = [];
    {
      using feed = await store.watchEvents();
      await put(store, newJob("a"), newJob("b"), newJob("c"));
      cursors.push(...(await toldBy(store, feed)).map(({ cursor }) => cursor));
    }
    await put(store, newJob("d"));
    using again = await store.watchEvents(cursors[1]!);
    assert.deepEqual(inShort(await toldBy(store, again)), ["c created ready", "d created ready"]);
    using last = await store.watchEvents(cursors[2]!);
    assert.deepEqual(inShort(await toldBy(store, last)), ["d created ready"]);
  },

  async "next() tells a listener who comes too late of a gap, then the newest events"(h) {
    const store = await h.open();
    using feed = await store.watchEvents();
    await crowd(store, MAX_EVENTS + 500);
    const events = await toldBy(store, feed);
    assert.equal(events[0]!.kind, "gap");
    const created = events.filter(({ kind }) => kind === "created");
    // The two that mark the end are among the newest.
    assert.equal(created.length, MAX_EVENTS - 2);
    assert.equal(events.filter(({ kind }) => kind === "gap").length, 1);
    const numbers = events.map(({ cursor }) => Number(cursor));
    assert.deepEqual(numbers, numbers.map((_, i) => numbers[0]! + i), "no event is missing");
  },

  async "watchEvents() tells where to go on, also before anything has happened"(h) {
    const store = await h.open();
    using feed = await store.watchEvents();
    const { cursor } = feed;
    await put(store, newJob("a"));
    using again = await store.watchEvents(cursor);
    assert.equal(again.cursor, cursor);
    const [created] = await again.next();
    assert.deepEqual(inShort([created!]), ["a created ready"]);
    assert.equal(again.cursor, created!.cursor);
  },

  async "watchEvents() begins with a gap when it goes on where nothing is known"(h) {
    const store = await h.open();
    {
      using feed = await store.watchEvents();
      await put(store, newJob("a"));
      await toldBy(store, feed);
    }
    using late = await store.watchEvents("1");
    const [first] = await late.next();
    if (first?.kind !== "created") assert.equal(first?.kind, "gap");
    using early = await store.watchEvents("9007199254740991");
    await put(store, newJob("b"));
    assert.deepEqual(inShort(await toldBy(store, early)), ["gap", "b created ready"]);
  },

  async "watchEvents() refuses what is no cursor"(h) {
    const store = await h.open();
    for (const cursor of ["", "x", "-1", "1.5"]) {
      await assert.rejects(async () => await store.watchEvents(cursor), InvalidOptionError);
    }
  },

  async "watchEvents() begins with a gap when nobody has listened for a minute"(h) {
    const store = await h.open();
    let last: StoreEvent | undefined;
    {
      using feed = await store.watchEvents();
      await put(store, newJob("a"));
      last = (await feed.next()).at(-1);
    }
    await h.advance(60_000);
    await put(store, newJob("b"));
    await store.prune(10);
    await put(store, newJob("c"));
    using feed = await store.watchEvents(last!.cursor);
    await runJob(store, newJob("d", { type: "other" }), complete());
    assert.deepEqual(inShort(await toldBy(store, feed)), [
      ...["gap", "d created ready", "d started processing", "d completed"],
    ]);
  },

  async "watchEvents() goes on without a gap when it comes back within a minute"(h) {
    const store = await h.open();
    let last: StoreEvent | undefined;
    {
      using feed = await store.watchEvents();
      await put(store, newJob("a"));
      last = (await feed.next()).at(-1);
    }
    await h.advance(59_000);
    await put(store, newJob("b"));
    await store.prune(10);
    using feed = await store.watchEvents(last!.cursor);
    assert.deepEqual(inShort(await toldBy(store, feed)), ["b created ready"]);
  },
});

/** The same across handles. */
export const eventSharedCases: readonly ConformanceCase[] = stageCases("events", {
  async "next() tells what happens at another handle"(h) {
    const first = await h.open();
    const second = await h.openSecond();
    using feed = await second.watchEvents();
    const next = feed.next();
    await put(first, newJob("a"));
    assert.deepEqual(inShort(await next), ["a created ready"]);
    await runJob(second, newJob("b", { type: "other" }), complete());
    assert.deepEqual(inShort(await toldBy(first, feed)), [
      ...["b created ready", "b started processing", "b completed"],
    ]);
  },
}, "shared");
