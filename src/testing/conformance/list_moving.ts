/**
 * Inspect: listing jobs while they move.
 *
 * @module
 */

import assert from "node:assert/strict";
import { claimOne, complete, newJob, put, runJob } from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { endJobs, numbered, pages } from "./pages.ts";

/** What list promises while jobs move between two pages. */
export const listMovingCases: readonly ConformanceCase[] = stageCases("inspect", {
  async "list() neither repeats nor hides jobs while others enter the status"(h) {
    const store = await h.open();
    await endJobs(store, "j", 10);
    const seen: string[] = [];
    let page = 0;
    for await (const jobs of pages(store, { status: "completed", limit: 3 })) {
      seen.push(...jobs.map((job) => job.id));
      await endJobs(store, `new${page++}-`, 2);
    }
    assert.deepEqual(seen.filter((id) => id.startsWith("j")), numbered("j", 9, 0));
    assert.equal(new Set(seen).size, seen.length, "no job twice");
  },

  async "list() neither repeats nor hides jobs while others leave the status"(h) {
    const store = await h.open();
    const short = { settings: { retention: { completedMs: 100 } } };
    for (let i = 0; i < 12; i++) {
      // The last job of the first page is among those that leave.
      await runJob(store, newJob(`j${i}`, i === 9 || i === 8 || i === 10 ? short : {}), complete());
    }
    const seen: string[] = [];
    for await (const jobs of pages(store, { status: "completed", limit: 3 })) {
      seen.push(...jobs.map((job) => job.id));
      await h.advance(100);
      await store.prune(10);
    }
    assert.equal(new Set(seen).size, seen.length, "no job twice");
    const stay = (id: string): boolean => !["j8", "j9", "j10"].includes(id);
    assert.deepEqual(seen.filter(stay), numbered("j", 11, 0).filter(stay));
  },

  async "list() neither repeats nor hides ready jobs while they are claimed and enqueued"(h) {
    const store = await h.open();
    for (let i = 0; i < 12; i++) await put(store, newJob(`j${i}`, { priority: i === 9 ? 5 : 0 }));
    const seen: string[] = [];
    const claimed: string[] = [];
    for await (const jobs of pages(store, { status: "ready", limit: 3 })) {
      seen.push(...jobs.map((job) => job.id));
      // The first claim takes "j9", on which the first page ends; the next ones from the far end.
      const { id } = await claimOne(store);
      claimed.push(id);
      await put(store, newJob(`new-${id}`));
    }
    assert.equal(claimed[0], "j9");
    assert.equal(new Set(seen).size, seen.length, "no job twice");
    const missed = numbered("j", 11, 0).filter((id) => !seen.includes(id) && !claimed.includes(id));
    assert.deepEqual(missed, [], "only claimed jobs may be missing");
  },
});
