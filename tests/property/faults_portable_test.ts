/** The suite itself: it finds faults that were put in, and makes their histories small. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { faults, faulty } from "./faults.ts";
import { makeHistory } from "./history.ts";
import { mustReach, noting } from "./reach.ts";
import { HISTORY_STEPS, LOOK_EVERY } from "./run.ts";
import { failureOf, shrink } from "./shrink.ts";

const SEEDS = 150;
const SEEDS_WITHOUT = 20;
/** That of a usual history: a crowded one takes long to shrink. */
const FIRST_SEED = 5;
/** Seeds that bring about much between them, so that few are needed; then all others. */
const RICH_SEEDS: readonly number[] = [168, 163, 14, 53, 7, 10, 17];
const SEEDS_TO_REACH = 200;
const MOST_STEPS = 12;
/** Only so that a fault of the suite ends: shrinking ends by itself, within some seconds where nobody else is at work. */
const SHRINK_LIMIT_MS = 120_000;

describe("a random history finds a fault", () => {
  for (const [name, fault] of Object.entries(faults)) {
    it(name, async () => {
      const subject = faulty(name, fault);
      for (let seed = FIRST_SEED; seed <= SEEDS; seed++) {
        const history = makeHistory(seed, HISTORY_STEPS, true);
        const failure = await failureOf(subject, history, LOOK_EVERY);
        if (failure === undefined) continue;
        const small = await shrink(subject, failure, SHRINK_LIMIT_MS);
        const { steps } = small.history;
        assert.ok(steps.length <= MOST_STEPS, `few steps are left: ${steps.length}`);
        assert.ok(await failureOf(subject, small.history, 1), "what is left fails again");
        return;
      }
      assert.fail(`one of ${SEEDS} seeds finds it`);
    });
  }

  it("and none where there is none", async () => {
    const subject = faulty("no fault", () => {});
    for (let seed = 1; seed <= SEEDS_WITHOUT; seed++) {
      await failureOf(subject, makeHistory(seed, HISTORY_STEPS, true), LOOK_EVERY)
        .then((failure) => assert.equal(failure?.error.message, undefined));
    }
  });
});

describe("a history", () => {
  it("brings about whatever a store can answer", async () => {
    const reached = new Set<string>();
    const subject = faulty("no fault, noted", noting(reached));
    const others = Array.from({ length: SEEDS_TO_REACH }, (_, i) => i + 1);
    for (const seed of [...RICH_SEEDS, ...others]) {
      const failure = await failureOf(subject, makeHistory(seed, HISTORY_STEPS, false), LOOK_EVERY);
      assert.equal(failure, undefined);
      if (mustReach.every((what) => reached.has(what))) return;
    }
    assert.deepEqual(mustReach.filter((what) => !reached.has(what)), []);
  });

  it("is the same for the same seed, and survives JSON", () => {
    const history = makeHistory(7, HISTORY_STEPS, true);
    assert.deepEqual(makeHistory(7, HISTORY_STEPS, true), history);
    assert.deepEqual(JSON.parse(JSON.stringify(history)), history);
    assert.notDeepEqual(makeHistory(8, HISTORY_STEPS, true).steps, history.steps);
  });
});
