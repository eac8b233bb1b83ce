/** Those who wait, for work or for the end of a job, hear of it whatever happens to what they hear by. */

import { assert, assertEquals } from "@std/assert";
import { testRedisProblem } from "../../support/redis/shared.ts";
import { eachCase, limited } from "./support/each.ts";
import { allFaults, arm, type FaultRow, plain } from "./support/faults.ts";
import { newJob, outcome, put, request, take } from "./support/jobs.ts";
import { Rig } from "./support/rig.ts";

const ignore = testRedisProblem() !== undefined;
/** Longest wait for a silent connection to be noticed, and more. */
const LIMIT_MS = 40_000;
const sources = request(1).sources;

/** Whether a fault leaves a dead connection that looks alive, which takes long to be noticed. */
const isSilent = ({ steps }: FaultRow): boolean =>
  steps.some(({ action }) => /^(stall|drop)/.test(action));

/**
 * A job comes while a pool waits, and something happens to the call that blocks: to the one that
 * has been sent when the pool begins to wait, or to the next.
 */
async function checkWake(fault: FaultRow): Promise<void> {
  await using rig = await Rig.start();
  const { store, direct, proxy } = rig;
  const isBlocking = plain("BLPOP");
  await put(direct, newJob("first")); // so that queue and type are known
  await take(direct, 1);
  // A token stands there from that job, which is taken first.
  const hits = arm(rig, fault, isBlocking);
  using latch = store.subscribe(sources);
  const claimed: string[] = [];
  const blocks = proxy.next(isBlocking);
  const working = limited(async (signal) => {
    while (claimed.length < 3 && !signal.aborted) {
      claimed.push(...(await store.claim(request(3))).jobs.map(({ id }) => id));
      if (claimed.length < 3) await latch.next(signal);
    }
  }, LIMIT_MS);
  await blocks;
  for (const id of ["j0", "j1", "j2"]) await put(direct, newJob(id));
  await working;
  assertEquals(claimed, ["j0", "j1", "j2"]);
  assert(hits() > 0 || fault.steps.length > 1, "the fault has happened");
}

/** A job ends while its waiter's connection is away, so that nobody hears of it. */
async function checkUnheard(end: (rig: Rig) => Promise<void>): Promise<void> {
  await using rig = await Rig.start();
  const { store, direct, proxy } = rig;
  await put(direct, newJob("j0"), newJob("j1"));
  const jobs = await take(direct, 2);
  const watched = proxy.next(({ script }) => script === "watch");
  const heard = limited((signal) => store.awaitFinal("j0", signal), LIMIT_MS);
  await watched;
  await store.getJobs(["j0"]); // the watch before it has been answered
  await end(rig);
  await direct.settle({ outcomes: jobs.map((job) => outcome(job)) });
  proxy.refuse(false);
  assertEquals((await heard)?.status, "completed");
}

const awayByCut = async ({ proxy }: Rig): Promise<void> => {
  proxy.refuse(true);
  await proxy.cutAll();
};

/** What nobody tells: the waiter finds out when it asks again. */
const awaySilently = async (rig: Rig): Promise<void> => {
  await rig.redis.call("ZREM", rig.key("waits"), "j0");
};

Deno.test({
  name: "redisStore wakes a pool whatever fault the call that blocks meets",
  ignore,
  fn: () =>
    eachCase(allFaults.filter((fault) => !isSilent(fault)), {
      name: ({ name }) => name,
      run: checkWake,
    }),
});

Deno.test({
  name: "redisStore.awaitFinal resolves when the job ended while the connection was away",
  ignore,
  fn: () => eachCase([1, 2, 3], { name: (i) => `round ${i}`, run: () => checkUnheard(awayByCut) }),
});

/** What is noticed only after some 20 seconds: all at once. */
const slow: readonly { readonly name: string; readonly run: () => Promise<void> }[] = [
  ...allFaults.filter(isSilent).map((fault) => ({
    name: `BLPOP: ${fault.name}`,
    run: () => checkWake(fault),
  })),
  {
    name: "awaitFinal: nobody told of the end",
    run: () => checkUnheard(awaySilently),
  },
];

Deno.test({
  name: "redisStore notices a silent connection of those who wait",
  ignore,
  fn: () => eachCase(slow, { name: ({ name }) => name, run: ({ run }) => run() }),
});

/** Connections that are silent from the first word of the channel on. */
const deaf = ["stall", "stallAfterCommand"] as const;

Deno.test({
  name: "redisStore.awaitFinal resolves when the server is silent to its subscription",
  ignore,
  fn: () =>
    eachCase(deaf, {
      name: (action) => action,
      run: async (action) => {
        await using rig = await Rig.start();
        await put(rig.direct, newJob("j0"));
        const [job] = await take(rig.direct, 1);
        const match = ({ name }: { readonly name: string }) => name === "SUBSCRIBE";
        rig.proxy.faults.add({ match, action });
        const subscribes = rig.proxy.next(match);
        const heard = limited((signal) => rig.store.awaitFinal("j0", signal));
        await subscribes;
        await rig.direct.settle({ outcomes: [outcome(job!)] });
        assertEquals((await heard)?.status, "completed");
      },
    }),
});

Deno.test({
  name: "redisStore tells a holder of a cancel that it could not hear",
  ignore,
  async fn() {
    await using rig = await Rig.start();
    const { store, direct, proxy } = rig;
    await put(direct, newJob("j0"));
    const [held] = await take(direct, 1, { server: "s|1" });
    using latch = store.watchClaims("s|1");
    await limited((signal) => latch.next(signal)); // it hears now
    await awayByCut(rig);
    await direct.act(["j0"], { kind: "cancel", reason: "enough" });
    proxy.refuse(false);
    let told = true;
    await limited(async (signal) => {
      await latch.next(signal);
      told = !signal.aborted;
    });
    assert(told, "it was told");
    const holds = [{ id: "j0", fence: held!.holder.fence }];
    const reply = await store.heartbeat({ server: "s|1", leaseMs: 9000, holds });
    assertEquals(reply.canceled, [{ ...holds[0]!, reason: "enough" }]);
  },
});
