import { assert, assertEquals } from "@std/assert";
import { Prefetch } from "../../../src/run/prefetch.ts";

/** One that has seen a backlog, trips of 2 ms and as many handlers as it looks back at. */
function busy(
  { runMs = 0.1, tripMs = 2, concurrency = 10, leaseMs = 15_000, most = 128 } = {},
): Prefetch {
  const prefetch = new Prefetch({ concurrency, leaseMs, most });
  for (let i = 0; i < 32; i++) prefetch.ran(runMs);
  prefetch.answered({ ms: tripMs, isFull: true, isQuiet: true, at: 0 });
  return prefetch;
}

Deno.test("a pool holds ahead what it can start within a round trip, and no more than it may", () => {
  assertEquals(busy({ concurrency: 10, runMs: 1, tripMs: 2 }).depth(0), 20);
  assertEquals(busy({ concurrency: 100, runMs: 1, tripMs: 2 }).depth(0), 128);
  assertEquals(busy({ concurrency: 100, runMs: 1, tripMs: 2, most: 50 }).depth(0), 50);
  assertEquals(busy({ most: 0 }).depth(0), 0);
  assertEquals(
    busy({ concurrency: 1, runMs: 0.1, tripMs: 0.2 }).depth(0),
    10,
    "within a millisecond",
  );
});

Deno.test("a pool holds nothing ahead before it knows how long handlers and round trips take", () => {
  const prefetch = new Prefetch({ concurrency: 1, leaseMs: 15_000, most: 128 });
  prefetch.answered({ ms: 2, isFull: true, isQuiet: true, at: 0 });
  for (let i = 0; i < 31; i++) prefetch.ran(0.1);
  assertEquals(prefetch.depth(0), 0);
  prefetch.ran(0.1);
  assert(prefetch.depth(0) > 0);
});

Deno.test("a pool holds nothing ahead when handlers take as long as a round trip", () => {
  assertEquals(busy({ runMs: 2, tripMs: 2 }).depth(0), 0);
  const prefetch = busy({ runMs: 0.1, tripMs: 2 });
  prefetch.ran(50);
  assert(prefetch.depth(0) > 0, "one of many may");
  prefetch.ran(50);
  assertEquals(prefetch.depth(0), 0);
});

Deno.test("a pool holds nothing ahead when there is no backlog", () => {
  const prefetch = busy();
  prefetch.answered({ ms: 2, isFull: false, isQuiet: false, at: 1 });
  assertEquals(prefetch.depth(1), 0);
  prefetch.answered({ ms: 2, isFull: true, isQuiet: false, at: 2 });
  assert(prefetch.depth(2) > 0);
});

Deno.test("a pool does not take its own work for the way to the store", () => {
  const prefetch = busy({ tripMs: 2, runMs: 3 });
  for (let at = 0; at < 900; at++) prefetch.answered({ ms: 90, isFull: true, isQuiet: false, at });
  assertEquals(prefetch.depth(900), 0);
});

Deno.test("a pool measures the way to the store anew each second", () => {
  const prefetch = busy();
  assert(prefetch.depth(1000) > 0);
  assertEquals(prefetch.depth(1001), 0);
  prefetch.answered({ ms: 2, isFull: true, isQuiet: true, at: 1002 });
  assert(prefetch.depth(1003) > 0);
});

Deno.test("a pool holds nothing ahead when a lease is short against what may lie", () => {
  assert(busy({ leaseMs: 1000, tripMs: 20 }).depth(0) > 0);
  assertEquals(busy({ leaseMs: 1000, tripMs: 50 }).depth(0), 0);
});

Deno.test("a pool that had to give jobs back holds none ahead for a second, then two, and so on", () => {
  const prefetch = busy();
  const measured = (at: number): number => {
    prefetch.answered({ ms: 2, isFull: true, isQuiet: true, at });
    return prefetch.depth(at);
  };
  prefetch.disappointed(0);
  assertEquals(measured(999), 0);
  assert(measured(1000) > 0);
  prefetch.disappointed(1000);
  assertEquals(measured(2999), 0);
  assert(measured(3000) > 0);
  for (let i = 0; i < 20; i++) prefetch.disappointed(3000);
  assertEquals(measured(62_999), 0);
  assert(measured(63_000) > 0, "never longer than a minute");
  prefetch.disappointed(200_000);
  assert(measured(201_000) > 0, "after a quiet minute it is a second again");
});
