/** A store in good health: nothing is found, whatever goes on. */

import { assert, assertEquals } from "@std/assert";
import type { DoctorStage } from "../../../../src/store/doctor_stage.ts";
import { redisStore } from "../../../../src/store/redis/store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { examine, job, runAll, testPatient } from "../../../support/redis/doctor.ts";
import { chance, Load } from "../../../support/redis/doctor_load.ts";
import { fill } from "../../../support/redis/doctor_ward.ts";
import { RespClient } from "../../../support/redis/resp_client.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../../support/redis/shared.ts";

const LOAD_MS = 2500;

testPatient("check() finds nothing in an empty store", async ({ store }) => {
  assertEquals(await store.check({ repair: true, limit: 1 }), { checked: 0, findings: [] });
});

for (const limit of [1, 7, 1000]) {
  testPatient(
    `check() finds nothing where nothing is wrong, in steps of ${limit}`,
    async (patient) => {
      await fill(patient);
      assertEquals(await examine(patient.store, true, limit), []);
      await patient.store.pause({ queue: "q", type: "u" }, false);
      await runAll(patient);
      assertEquals(await examine(patient.store, true, limit), []);
    },
  );
}

testPatient("a step looks at about as many as asked for", async (patient) => {
  await fill(patient);
  let cursor: string | undefined;
  let checked = 0;
  do {
    const reply = await patient.store.check({
      repair: false,
      limit: 20,
      ...cursor === undefined ? {} : { cursor },
    });
    checked += reply.checked;
    // A small hash is given whole by a scan, and one that looks for keys gives 500.
    assert(reply.checked < 700, `${reply.checked}`);
    cursor = reply.cursor;
  } while (cursor !== undefined);
  assert(checked > 1300);
});

for (const seed of [1, 2]) {
  Deno.test({
    name: `check() finds nothing while producers and workers are busy, seed ${seed}`,
    ignore: testRedisProblem() !== undefined,
    async fn() {
      const prefix = uniquePrefix();
      const retention = { completedMs: 500, failedMs: 500 };
      try {
        await using store = redisStore(testRedis(), { prefix, retention }) as Store & DoctorStage;
        await using other = redisStore(testRedis(), { prefix, retention });
        await Promise.all([store.open(), other.open()]);
        // Lists that are too long for one call.
        await other.enqueue(Array.from({ length: 4000 }, (_, i) => [job(`first${i}`)]));
        const ended = new AbortController();
        const load = new Load(other, seed);
        const running = load.run(ended.signal);
        const until = performance.now() + LOAD_MS;
        let walks = 0;
        while (walks < 3 || performance.now() < until) {
          assertEquals(await examine(store, true, 200), [], `seed ${seed}`);
          walks++;
        }
        ended.abort();
        await running;
        assertEquals(await examine(store, true, 200), [], `seed ${seed}, at rest`);
        assert(load.made > 1000, `${load.made} jobs`);
      } finally {
        await removeKeys(testRedis(), prefix);
      }
    },
  });
}

Deno.test({
  name: "check() mends what is lost while producers and workers are busy, and nothing else",
  ignore: testRedisProblem() !== undefined,
  async fn() {
    const prefix = uniquePrefix();
    const random = chance(5);
    const retention = { completedMs: 500, failedMs: 500 };
    try {
      await using store = redisStore(testRedis(), { prefix, retention }) as Store & DoctorStage;
      await using other = redisStore(testRedis(), { prefix, retention });
      await Promise.all([store.open(), other.open()]);
      await using client = await RespClient.connect(testRedis());
      const lane = `{${prefix}}:l:nobody|30still`;
      const still = { queue: "nobody", type: "still" };
      await other.enqueue(Array.from({ length: 2000 }, (_, i) => [job(`still${i}`, still)]));
      const ended = new AbortController();
      const running = new Load(other, 5).run(ended.signal);
      for (let round = 0; round < 3; round++) {
        const at = String(Math.floor(random() * 2000));
        const entry = await client.call("LINDEX", lane, at) as string;
        await client.call("LREM", lane, "1", entry);
        const found = (await examine(store, true, 500)).map(({ kind, id }) => [kind, id]);
        assertEquals(found, [["lost_entry", entry.slice(entry.indexOf("|") + 1)]]);
      }
      ended.abort();
      await running;
      assertEquals(await examine(store), []);
      const count = (await store.counts()).find(({ queue }) => queue === "nobody")?.count;
      assertEquals(count, 2000);
    } finally {
      await removeKeys(testRedis(), prefix);
    }
  },
});
