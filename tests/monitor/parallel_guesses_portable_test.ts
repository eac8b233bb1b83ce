import assert from "node:assert/strict";
import { test } from "node:test";
import { login, passwords, testMonitor } from "../support/monitor.ts";
import { kinds } from "./support/places.ts";

const CLIENTS = 10;
const SECONDS = 60;
const PER_SECOND = 3;

const addressOf = (client: number): string => `10.0.0.${100 + client}`;

for (const { name, skip, make } of kinds) {
  test(`ten clients that guess at once get five tries each, and an admin gets in (${name})`, {
    skip,
  }, async () => {
    await using place = await make();
    const { store, clock } = place;
    // Two, so that no limit is one monitor's own.
    await using one = testMonitor({ store, clock });
    await using other = testMonitor({ store, clock });
    const outcomes: Record<number, number> = {};
    for (let at = 0; at < SECONDS; at++) {
      const guesses = Array.from({ length: CLIENTS * PER_SECOND }, async (_, i) => {
        const from = addressOf(i % CLIENTS);
        const monitor = i % 4 < 2 ? one : other;
        const { status } = await login(monitor, "ada", `guess ${at} ${i}`, { from });
        outcomes[status] = (outcomes[status] ?? 0) + 1;
      });
      const admin = await login(at % 2 ? one : other, "ada", passwords.ada, { from: "10.0.0.7" });
      assert.equal(admin.status, 200, `in second ${at}`);
      await Promise.all(guesses);
      await clock.advance(1000);
    }
    const all = CLIENTS * PER_SECOND * SECONDS;
    assert.deepEqual(outcomes, { 401: CLIENTS * 5, 429: all - CLIENTS * 5 });
    const lucky = await login(one, "ada", passwords.ada, { from: addressOf(1) });
    assert.equal(lucky.status, 429, "the right password, after too many wrong ones");
  });
}
