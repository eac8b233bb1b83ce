/**
 * The reply to a claim comes when the lease that it gives has ended, as after a
 * pause of the process or in a slow network: the job is another's by then.
 */

import { assertEquals } from "@std/assert";
import { Client, redisStore, Server } from "../../mod.ts";
import { scripts } from "../../src/store/redis/scripts.gen.ts";
import { FaultProxy } from "../support/redis/proxy.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisRun } from "../support/redis/run.ts";
import { testRedis, testRedisProblem } from "../support/redis/shared.ts";

const LEASE_MS = 500;

Deno.test({
  name: "a handler is not started for a claim whose reply comes after its lease has ended",
  ignore: testRedisProblem() !== undefined,
  fn: async () => {
    await using run = await RedisRun.start();
    await using proxy = await FaultProxy.start(testRedis());
    proxy.nameScript("claim", { text: scripts.claim });
    {
      // So that the first call is the one that claims.
      await using admin = await RespClient.connect(testRedis());
      await admin.call("SCRIPT", "LOAD", scripts.claim);
    }
    const prefix = new URL(run.url).searchParams.get("prefix")!;
    await using slowStore = redisStore(proxy.url, { prefix });
    const started: [server: string, fence: number][] = [];
    const finish = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const options = { leaseMs: LEASE_MS, logLevel: "silent" } as const;

    await using slow = new Server({ store: slowStore, ...options });
    slow.handle("work", ({ fence }) => void started.push(["slow", fence]));
    await using quick = new Server({ store: run.url, ...options });
    quick.handle("work", async ({ fence }) => {
      started.push(["quick", fence]);
      taken.resolve();
      await finish.promise;
      return "quick";
    });
    const release = Promise.withResolvers<void>();
    await using client = new Client({ store: run.url });
    const handle = await client.enqueue("work");
    const late = proxy.faults.add({
      action: "delayReply",
      until: release.promise,
      match: ({ script }) => script === "claim",
    });
    await slow.start();
    await proxyHas(proxy);
    await quick.start();
    await taken.promise; // after the slow one's lease has ended
    release.resolve();
    await late.happened();
    await slowStore.counts(); // whose reply comes after all that
    finish.resolve();
    assertEquals(await handle.result(), "quick");
    assertEquals(started.map(([server]) => server), ["quick"], "only who holds the job runs it");
  },
});

/** Waits until the claim is on its way. */
async function proxyHas(proxy: FaultProxy): Promise<void> {
  if (proxy.log.some(({ fault }) => fault !== undefined)) return;
  await proxy.next(({ script }) => script === "claim");
}
