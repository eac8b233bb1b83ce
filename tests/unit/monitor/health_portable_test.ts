/** What supervisors and load balancers are told. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore, type MonitorOptions } from "../../../mod.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { DecoratedStore, StoreDownError } from "../../support/decorated_store.ts";
import { ask, testMonitor } from "../../support/monitor.ts";

const ways: readonly (readonly [what: string, away: () => Promise<never>])[] = [
  ["fails", () => Promise.reject(new StoreDownError())],
  ["does not answer", () => new Promise<never>(() => {})],
];

for (const [what, away] of ways) {
  test(`/ready is 503 while the store ${what}, and so is /health if it is to be strict`, async () => {
    const clock = new FakeClock();
    const store = new DecoratedStore(memoryStore({ clock }));
    const told = async (path: string, options?: Partial<MonitorOptions>): Promise<unknown[]> => {
      await using monitor = testMonitor({ store, clock, ...options });
      let isAnswered = false;
      const response = ask(monitor, path).finally(() => isAnswered = true);
      // It waits two seconds for the store.
      while (!isAnswered) await clock.advance(1000);
      const { status } = await response;
      const { uptime: _, ...body } = await (await response).json();
      return [status, body];
    };
    const strict = { strictHealth: true };
    const [well, ill] = [{ status: "ok", redis: true }, { status: "degraded", redis: false }];
    assert.deepEqual(await told("/health", strict), [200, well]);
    assert.deepEqual(await told("/ready"), [200, { ready: true }]);
    store.on("paused", away);
    assert.deepEqual(await told("/health"), [200, ill]);
    assert.deepEqual(await told("/health", strict), [503, ill]);
    assert.deepEqual(await told("/ready"), [503, { ready: false }]);
    store.on("paused", undefined);
    assert.deepEqual(await told("/ready"), [200, { ready: true }]);
  });
}

test("many who ask at once whether it works cost the store one look", async () => {
  const store = new DecoratedStore(memoryStore());
  const answer = Promise.withResolvers<never[]>();
  let looks = 0;
  store.on("paused", () => {
    looks++;
    return answer.promise;
  });
  await using monitor = testMonitor({ store });
  const asked = Array.from({ length: 50 }, (_, i) => ask(monitor, i % 2 ? "/health" : "/ready"));
  answer.resolve([]);
  assert.deepEqual(new Set((await Promise.all(asked)).map(({ status }) => status)), new Set([200]));
  assert.equal(looks, 1);
  assert.equal((await ask(monitor, "/ready")).status, 200);
  assert.equal(looks, 2);
});
