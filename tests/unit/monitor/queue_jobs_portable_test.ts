/** Which jobs of a queue come first, and how many there are. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../../../mod.ts";
import {
  claim,
  complete,
  deadLetter,
  newJobs,
  outcome,
  put,
} from "../../../src/testing/conformance/builders.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { ask, keys, testMonitor } from "../../support/monitor.ts";

const HOUR = 3_600_000;

test("jobs that ended come the newest first, and what is no longer kept is neither shown nor counted", async () => {
  const clock = new FakeClock();
  const store = memoryStore({ clock });
  await using monitor = testMonitor({ store, clock });
  const lists = {
    "jobs?status=completed": { prefix: "done", verdict: complete() },
    "dead-letter?": { prefix: "dead", verdict: deadLetter() },
  };
  const page = async (path: string): Promise<{ ids: string[]; total: number }> => {
    const headers = { "x-api-key": keys.viewer };
    const { data, meta } = await (await ask(monitor, `/api/v1/queues/default/${path}`, { headers }))
      .json();
    return { ids: data.map(({ id }: { id: string }) => id), total: meta.total };
  };
  for (const [path, { prefix, verdict }] of Object.entries(lists)) {
    // The odd ones are kept for an hour alone.
    const retention = { completedMs: HOUR, failedMs: HOUR };
    await put(
      store,
      ...newJobs(120, prefix).map((job, i) => i % 2 ? { ...job, settings: { retention } } : job),
    );
    for (let left = 120; left > 0; left -= 10) {
      for (const job of await claim(store)) {
        await store.settle({ outcomes: [outcome(job, verdict)] });
        await clock.advance(1);
      }
    }
    const newest = [119, 118, 117].map((i) => `${prefix}${i}`);
    assert.deepEqual(await page(`${path}&limit=3`), { ids: newest, total: 120 });
    const { ids } = await page(`${path}&limit=100&page=2`);
    assert.deepEqual([ids.length, ids.at(-1)], [20, `${prefix}0`]);
    await clock.advance(HOUR);
    while ((await store.prune(500)).nextInMs === 0);
    assert.deepEqual(await page(`${path}&limit=3`), {
      ids: [118, 116, 114].map((i) => `${prefix}${i}`),
      total: 60,
    });
    assert.deepEqual((await page(`${path}&limit=50&page=2`)).ids.length, 10);
  }
});
