/** How many requests a client may send. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiError } from "../../../src/monitor/errors.ts";
import { RateLimiter } from "../../../src/monitor/rate_limit.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { ask, keys, testMonitor } from "../../support/monitor.ts";

function world(perSecond: number) {
  const clock = new FakeClock();
  const rates = new RateLimiter(perSecond, clock);
  const take = (client = "a"): string => {
    try {
      rates.take(client);
      return "fine";
    } catch (error) {
      const { code, headers } = error as ApiError;
      return `${code} ${headers["retry-after"]}`;
    }
  };
  /** How many of many requests at once are let through. */
  const burst = (client?: string): number =>
    Array.from({ length: 1000 }, () => take(client)).filter((one) => one === "fine").length;
  return { clock, take, burst };
}

test("a client may send twice the rate at once, then the rate", async () => {
  const { clock, burst } = world(10);
  assert.equal(burst(), 20);
  await clock.advance(1000);
  assert.equal(burst(), 10);
  await clock.advance(150);
  assert.equal(burst(), 1);
  await clock.advance(50);
  assert.equal(burst(), 1, "what is refused takes nothing");
  await clock.advance(3_600_000);
  assert.equal(burst(), 20, "no more is saved than fits");
});

test("a client that is refused is told when to come again", async () => {
  const { clock, take, burst } = world(1);
  assert.equal(burst(), 2);
  assert.equal(take(), "RATE_LIMITED 1");
  await clock.advance(999);
  assert.equal(take(), "RATE_LIMITED 1");
  await clock.advance(1);
  assert.equal(take(), "fine");
});

test("clients are counted apart", () => {
  const { burst } = world(10);
  assert.equal(burst("a"), 20);
  assert.equal(burst("b"), 20);
  assert.equal(burst("a"), 0);
});

test("of more clients than are remembered, the one that was silent longest is forgotten", () => {
  const { take, burst } = world(10);
  assert.equal(burst("busy"), 20);
  assert.equal(burst("silent"), 20);
  for (let i = 0; i < 20_000; i++) {
    take(`client ${i}`);
    if (i % 100 === 0) assert.match(take("busy"), /^RATE_LIMITED/);
  }
  assert.equal(take("silent"), "fine");
});

test("behind a proxy that is trusted each client has a limit of its own, and is told when to come again", async () => {
  await using monitor = testMonitor({ rateLimit: 1, trustProxy: true, clock: new FakeClock() });
  const get = (client: string): Promise<Response> => {
    const headers = { "x-api-key": keys.viewer, "x-forwarded-for": `10.9.9.9, ${client}` };
    return ask(monitor, "/auth/me", { headers, from: "127.0.0.1" });
  };
  for (const client of ["10.0.0.1", "10.0.0.2"]) {
    assert.deepEqual([(await get(client)).status, (await get(client)).status], [200, 200]);
    const refused = await get(client);
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [429, "1"]);
  }
});
