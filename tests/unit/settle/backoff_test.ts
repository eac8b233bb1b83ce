import { assertEquals } from "@std/assert";
import type { BackoffPolicy } from "../../../src/job/backoff.ts";
import { seededRng } from "../../../src/rng.ts";
import { retryDelayMs } from "../../../src/settle/backoff.ts";

const table: readonly [BackoffPolicy, readonly number[]][] = [
  [{ type: "fixed" }, [10_000, 10_000, 10_000]],
  [{ type: "fixed", baseMs: 0 }, [0, 0, 0]],
  [{ type: "fixed", baseMs: 700, maxMs: 500 }, [500, 500]],
  [{ type: "linear", baseMs: 100 }, [100, 200, 300, 400]],
  [{ type: "linear" }, [10_000, 20_000]],
  [{ type: "exponential", baseMs: 1000 }, [1000, 2000, 4000, 8000]],
  [{ type: "exponential", baseMs: 1000, maxMs: 3000 }, [1000, 2000, 3000, 3000]],
  [{ type: "exponential", baseMs: 5000, maxMs: 3000 }, [3000, 3000]],
  [{ type: "polynomial", baseMs: 10 }, [10, 160, 810, 2560]],
  [{ type: "polynomial", baseMs: 10, exponent: 2 }, [10, 40, 90]],
  [{ type: "polynomial", baseMs: 10, exponent: 0 }, [10, 10]],
  [{ type: "polynomial", baseMs: 10, exponent: 0.5 }, [10, 14, 17]],
  [{ type: "custom", intervals: [5, 50, 500] }, [5, 50, 500, 500, 500]],
  [{ type: "custom", intervals: [0] }, [0, 0]],
  [{ type: "custom", intervals: [5, 50], maxMs: 20 }, [5, 20]],
];

for (const [policy, delays] of table) {
  Deno.test(`retryDelayMs gives ${delays.join(", ")} for ${JSON.stringify(policy)}`, () => {
    assertEquals(delays.map((_, i) => retryDelayMs(policy, i + 1)), delays);
  });
}

Deno.test("retryDelayMs stays at a day when the retry is far away", () => {
  const day = 24 * 60 * 60 * 1000;
  for (const type of ["linear", "exponential", "polynomial"] as const) {
    assertEquals(retryDelayMs({ type }, 1_000_000), day, type);
    assertEquals(retryDelayMs({ type }, Number.MAX_SAFE_INTEGER), day, type);
  }
});

Deno.test("retryDelayMs gives the first delay when the retry is 0, as for an uncounted failure", () => {
  assertEquals(retryDelayMs({ type: "exponential", baseMs: 8 }, 0), 8);
  assertEquals(retryDelayMs({ type: "custom", intervals: [3, 4] }, 0), 3);
});

const jitters: readonly [number, number, number][] = [
  [0, 0.99, 1000],
  [1, 0, 1000],
  [1, 0.75, 250],
  [0.5, 0.5, 750],
  [1, 0.9999, 0],
];

for (const [jitter, drawn, delay] of jitters) {
  Deno.test(`retryDelayMs gives ${delay} of 1000 when jitter is ${jitter} and ${drawn} is drawn`, () => {
    assertEquals(retryDelayMs({ type: "fixed", baseMs: 1000, jitter }, 1, () => drawn), delay);
  });
}

Deno.test("retryDelayMs spreads over [(1 - jitter) delay, delay] when chance is even", () => {
  const rng = seededRng(3);
  const policy: BackoffPolicy = { type: "fixed", baseMs: 1000, jitter: 0.4 };
  const delays = Array.from({ length: 5000 }, () => retryDelayMs(policy, 1, rng));
  assertEquals(delays.every((delay) => delay >= 600 && delay <= 1000), true);
  assertEquals(Math.min(...delays) < 610 && Math.max(...delays) > 990, true, "the whole range");
});
