/** Writes about a job that has gone. */

import { assertEquals } from "@std/assert";
import { redisStore } from "../../../../src/store/redis/store.ts";
import { RespClient } from "../../../support/redis/resp_client.ts";
import {
  removeKeys,
  testRedis,
  testRedisProblem,
  uniquePrefix,
} from "../../../support/redis/shared.ts";

Deno.test({
  name: "whatever is written late about a job that has gone leaves nothing in Redis",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    const prefix = uniquePrefix();
    await using admin = await RespClient.connect(testRedis());
    /** What is there for good. */
    const keys = async (): Promise<string[]> => {
      const found = await admin.call("KEYS", `*${prefix}*`) as string[];
      const ttls = await Promise.all(found.map((key) => admin.call("PTTL", key)));
      return found.filter((_, i) => Number(ttls[i]) < 0).toSorted();
    };
    try {
      await using store = redisStore(testRedis(), { prefix, retention: { completedMs: 0 } });
      await store.open();
      const job = { id: "a", type: "t", queue: "q", priority: 0, payload: "1", settings: {} };
      await store.enqueue([[job]]);
      const { jobs: [claimed] } = await store.claim({
        server: "s",
        pool: "p",
        sources: [{ queue: "q", types: ["t"], share: 1 }],
        limit: 1,
        leaseMs: 60_000,
      });
      const hold = { id: "a", fence: claimed!.holder.fence };
      const beat = { server: "s", leaseMs: 60_000, holds: [hold] };
      await store.heartbeat(beat);
      const verdict = { kind: "complete", result: null } as const;
      await store.settle({ outcomes: [{ ...hold, verdict, ranMs: 1 }] });
      assertEquals(await store.getJobs(["a"]), [null]);
      const before = await keys();

      assertEquals((await store.heartbeat(beat)).lost, [hold]);
      assertEquals(await store.report([{ ...hold, progress: { value: 1 }, logs: ["x"] }]), [
        "lost",
      ]);
      const { results } = await store.settle({ outcomes: [{ ...hold, verdict, ranMs: 1 }] });
      assertEquals(results, ["lost"]);
      for (const kind of ["retry", "remove", "promote"] as const) {
        assertEquals(await store.act(["a"], { kind }), [{ outcome: "missing" }]);
      }
      const cancel = { kind: "cancel", reason: "late" } as const;
      assertEquals(await store.act(["a"], cancel), [{ outcome: "missing" }]);
      await store.reap({ limit: 10, maxDeliveries: 5 });

      assertEquals(await keys(), before);
      assertEquals([await store.getJobs(["a"]), await store.counts()], [[null], []]);
    } finally {
      await removeKeys(testRedis(), prefix);
    }
  },
});
