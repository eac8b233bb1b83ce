/**
 * Control: actions on jobs that have not ended since a time.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  claimOne,
  complete,
  deadLetter,
  newJob,
  put,
  retryIn,
  runJob,
  settle,
  source,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { callOff } from "./graph_builders.ts";

/** What actions promise that are for jobs of before a time. */
export const controlBeforeCases: readonly ConformanceCase[] = stageCases("control", {
  async "act() leaves jobs alone that ended, or of which an attempt ended, at the time that the call names or later"(
    h,
  ) {
    const store = await h.open();
    const fails = { completed: complete(), dead_letter: deadLetter(), retry: retryIn(1000) };
    for (const id of ["retry", "completed", "dead_letter"] as const) {
      await runJob(store, newJob(id, { type: id }), fails[id]);
    }
    await put(store, newJob("canceled"), newJob("scheduled", { delayMs: 1000 }));
    await store.act(["canceled"], callOff);
    const at = h.now();
    await h.advance(1);
    const revive = { kind: "retry" } as const;
    const promote = { kind: "promote" } as const;
    const rows = [
      ["dead_letter", revive],
      ["canceled", revive],
      ["retry", promote],
      ["completed", { kind: "remove" }],
    ] as const;
    for (const [status, action] of rows) {
      const reply = await store.act([status], action, status, at);
      assert.deepEqual(reply, [{ outcome: "unchanged", status }], status);
    }
    assert.deepEqual(await store.act(["dead_letter"], revive, undefined, at + 1), [
      { outcome: "done", status: "ready" },
    ]);
    // It runs and fails once more, so what has been done with it is not done again.
    const sources = [source("default", ["dead_letter"])];
    await settle(store, await claimOne(store, { sources }), deadLetter("again"));
    assert.deepEqual(await store.act(["dead_letter"], revive, "dead_letter", at + 1), [
      { outcome: "unchanged", status: "dead_letter" },
    ]);
    for (const [status, action] of rows.slice(1)) {
      const [reply] = await store.act([status], action, status, at + 1);
      assert.equal(reply?.outcome, "done", status);
    }
    // Neither it nor an attempt of it has ended.
    const [reply] = await store.act(["scheduled"], promote, "scheduled", at);
    assert.deepEqual(reply, { outcome: "done", status: "ready" });
  },
});
