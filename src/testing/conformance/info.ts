/**
 * Inspect: what the store runs on.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ConformanceCase, stageCases } from "./case.ts";

/** What info promises. */
export const infoCases: readonly ConformanceCase[] = stageCases("info", {
  async "info() tells what the store is and how it fares"(h) {
    const store = await h.open();
    const info = await store.info();
    assert.ok(["memory", "sqlite", "redis"].includes(info.kind), info.kind);
    assert.match(info.version, /^\d+\.\d+/);
    assert.ok(info.latencyMs >= 0, `latencyMs must be >= 0: ${info.latencyMs}`);
    const { layoutVersion: layout } = info;
    assert.ok(layout === null || (Number.isInteger(layout) && layout > 0), `layout ${layout}`);
    const { sizeBytes, opsPerSecond, connections, uptimeMs, warnings } = info;
    for (const value of [sizeBytes, opsPerSecond, connections, uptimeMs]) {
      assert.ok(value === null || value >= 0, JSON.stringify(info));
    }
    for (const warning of warnings) assert.equal(typeof warning, "string");
  },
});
