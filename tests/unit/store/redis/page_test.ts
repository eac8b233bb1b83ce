/** What `page` promises on Redis where it differs from other stores. */

import { assert, assertEquals } from "@std/assert";
import { redisStore } from "../../../../src/store/redis/store.ts";
import { newJobs, put } from "../../../../src/testing/conformance/builders.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../../support/redis/shared.ts";

Deno.test({
  name:
    "page() far from both ends of a line is full of ready jobs, though many were taken out of it",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    const prefix = uniquePrefix();
    try {
      await using store = redisStore(testRedis(), { prefix });
      await store.open();
      const jobs = newJobs(9000, "j");
      for (let at = 0; at < jobs.length; at += 500) await put(store, ...jobs.slice(at, at + 500));
      const gone = jobs.map(({ id }) => id).filter((_, i) => i % 3 === 0);
      for (let at = 0; at < gone.length; at += 500) {
        await store.act(gone.slice(at, at + 500), { kind: "cancel", reason: "not needed" });
      }
      const all = jobs.map(({ id }) => id).filter((_, i) => i % 3 !== 0).reverse();
      for (const order of ["newest", "oldest"] as const) {
        const expected = order === "newest" ? all : all.toReversed();
        for (const offset of [0, 1000, 2500, 3000, 5000, 5950]) {
          const page = await store.page({ status: "ready", offset, limit: 50, order });
          const ids = page.jobs.map(({ id }) => id);
          const at = expected.indexOf(ids[0]!);
          assertEquals(ids, expected.slice(at, at + 50), `${order} first, from ${offset}`);
          assertEquals([ids.length, page.total], [50, 6000]);
          const isNear = Math.min(offset, 6000 - offset) <= 1000;
          assert(isNear ? at === offset : Math.abs(at - offset) <= 10, `${at} for ${offset}`);
        }
      }
    } finally {
      await removeKeys(testRedis(), prefix);
    }
  },
});
