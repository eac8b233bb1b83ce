/** Two clients that each enqueue a job that is to wait for the other's. */

import { assertEquals } from "@std/assert";
import { Client, MissingParentError, redisStore, sqliteStore, type Store } from "../../../mod.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../support/redis/shared.ts";

const ROUNDS = 30;

/** Enqueues jobs that name each other, at once, and checks that no circle came of it. */
async function race(one: Store, other: Store): Promise<void> {
  await using first = new Client({ store: one });
  await using second = new Client({ store: other });
  for (const onMissingParent of ["reject", "resolved"] as const) {
    for (let round = 0; round < ROUNDS; round++) {
      const [a, b] = [`a-${onMissingParent}-${round}`, `b-${onMissingParent}-${round}`];
      const ends = await Promise.allSettled([
        first.enqueue("t", null, { id: a, dependsOn: [b], onMissingParent }),
        second.enqueue("t", null, { id: b, dependsOn: [a], onMissingParent }),
      ]);
      const written = ends.map((end) => {
        if (end.status === "fulfilled") return true;
        assertEquals((end.reason as Error).name, MissingParentError.name);
        return false;
      });
      const resolved = onMissingParent === "resolved";
      assertEquals(written, [resolved, resolved]);
      const waiting = (await one.getJobs([a, b])).filter((job) => job?.status === "deferred");
      assertEquals(waiting.length, resolved ? 1 : 0, "only the later one waits");
    }
  }
}

Deno.test("two clients on SQLite cannot make two jobs wait for each other", async () => {
  const folder = await Deno.makeTempDir({ prefix: "gqm_cycle_" });
  try {
    await using one = sqliteStore(`${folder}/jobs.db`);
    await using other = sqliteStore(`${folder}/jobs.db`);
    await race(one, other);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "two clients on Redis cannot make two jobs wait for each other",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    const prefix = uniquePrefix();
    try {
      await using one = redisStore(testRedis(), { prefix });
      await using other = redisStore(testRedis(), { prefix });
      await race(one, other);
    } finally {
      await removeKeys(testRedis(), prefix);
    }
  },
});
