/** What a process counts of its attempts, and of its calls of a store. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { AttemptCounts, utf8Length } from "../../../src/metrics/attempt_counts.ts";
import { Distribution } from "../../../src/metrics/distribution.ts";
import { StoreCalls } from "../../../src/metrics/store_calls.ts";
import { FaultyStore } from "../../../src/testing/faulty_store.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { MAX_PAIRS, OTHERS } from "../../../src/store/insight_limits.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import type { Store } from "../../../src/store/store.ts";

Deno.test("a distribution counts a value at the bound that it is not above", () => {
  const spread = new Distribution([1, 2.5]);
  for (const value of [0, 1, 1.001, 2.5, 2.6, Infinity]) spread.add(value);
  assertEquals(spread.counts, [2, 2, 2]);
  const finite = new Distribution([1]);
  for (const value of [0.5, 4]) finite.add(value);
  assertEquals(finite.sum, 4.5);
});

const claimed = { queue: "mail", type: "email.send", payload: '{"to":"ä"}' };

Deno.test("attempts are counted by queue, type and end; what was released or lost has no duration", () => {
  const counts = new AttemptCounts();
  counts.add({ claimed, end: "completed", ranMs: 40, waitedMs: 3000 });
  counts.add({ claimed, end: "retried", ranMs: 60 });
  counts.add({ claimed, end: "released", ranMs: 9, waitedMs: 5 });
  counts.add({ claimed: { ...claimed, queue: "other" }, end: "lost", ranMs: 9 });
  const [mail, other] = counts.pairs;
  const none = { completed: 0, retried: 0, dead_lettered: 0, canceled: 0, released: 0, lost: 0 };
  assertEquals(mail!.ends, { ...none, completed: 1, retried: 1, released: 1 });
  assertEquals(other!.ends, { ...none, lost: 1 });
  assertEquals([mail!.runs.sum, mail!.waits.sum, mail!.payloads.sum], [0.1, 3, 33]);
  assertEquals([other!.runs.sum, other!.payloads.sum], [0, 11]);
});

Deno.test("attempts of more pairs than a store tells apart are counted together", () => {
  const counts = new AttemptCounts();
  const add = (i: number): void =>
    counts.add({ claimed: { ...claimed, type: `t${i}` }, end: "completed", ranMs: 1 });
  for (let i = 0; i < MAX_PAIRS + 20; i++) add(i);
  add(0);
  assertEquals(counts.pairs.length, MAX_PAIRS + 1);
  assertEquals(counts.pairs[0]!.ends.completed, 2);
  const { queue, type, ends } = counts.pairs.at(-1)!;
  assertEquals([queue, type, ends.completed], [OTHERS, OTHERS, 20]);
});

Deno.test("utf8Length is what encoding the text takes, however little of it fits", () => {
  const texts = ["", "abc", "ä\u07ff\u0800€", "a😀b", "\u0000\u007f\u0080", "中文".repeat(9)];
  for (const text of texts) {
    const bytes = new TextEncoder().encode(text).length;
    for (const size of [4, 5, 9000]) assertEquals(utf8Length(text, new Uint8Array(size)), bytes);
  }
});

/** A store that is counted, whose clock stands still. */
async function counted(
  use: (parts: {
    readonly calls: StoreCalls;
    readonly store: Store;
    readonly faults: FaultyStore;
    readonly clock: FakeClock;
  }) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  await using inner = memoryStore({ clock });
  const faults = new FaultyStore(inner);
  const calls = new StoreCalls(clock);
  const store = calls.time(faults.store);
  await store.open();
  await use({ calls, store, faults, clock });
}

Deno.test("calls of a store are counted by verb, with how long they took and whether they failed", () =>
  counted(async ({ calls, store, faults, clock }) => {
    await store.counts();
    await store.counts();
    assertEquals(calls.verbs.get("counts")!.durations.counts[0], 2);
    faults.fail("counts");
    await assertRejects(() => store.counts(), Error, "made to fail");
    assertEquals(calls.verbs.get("counts")!.failures, 1);
    assertEquals(calls.verbs.get("counts")!.durations.counts[0], 3);
    const { promise, resolve } = Promise.withResolvers<never[]>();
    const slow = calls.time({ totals: () => promise } as unknown as Store).totals();
    await clock.advance(300);
    resolve([]);
    await slow;
    assertEquals(calls.verbs.get("totals")!.durations.sum, 0.3);
    assertEquals([...calls.verbs.keys()], ["counts", "totals"]);
  }));

Deno.test("a store that is counted is the same in all else", () =>
  counted(async ({ calls, store, faults }) => {
    assertEquals(store.description, faults.store.description);
    assertEquals(store.isPipelined, undefined);
    assertStrictEquals(store.counts, store.counts);
    using latch = store.subscribe([]);
    assert(typeof latch.next === "function");
    const waiting = store.awaitFinal("nobody");
    assertEquals(await waiting, null);
    assertEquals([...calls.verbs.keys()], []);
  }));

Deno.test("steps of upkeep tell what they moved, and when", () =>
  counted(async ({ calls, store, clock }) => {
    assertEquals(calls.steppedAt, undefined);
    await store.enqueue([]);
    assertEquals(calls.steppedAt, undefined);
    await clock.advance(1000);
    await store.promote(10);
    assertEquals(calls.steppedAt, clock.mono());
    assertEquals([...calls.moved], [["promote", 0]]);
  }));

Deno.test("a store that is frozen is counted as any other", async () => {
  await using inner = memoryStore();
  await inner.open();
  const literal = { description: "literal", paused: () => inner.paused() };
  const calls = new StoreCalls(new FakeClock());
  const store = calls.time(Object.freeze(literal) as unknown as Store);
  assertEquals(store.description, "literal");
  assertEquals(await store.paused(), []);
  assert("paused" in store);
  assertEquals([...calls.verbs.keys()], ["paused"]);
});
