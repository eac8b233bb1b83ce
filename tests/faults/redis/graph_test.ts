/** Graphs too large for one call: their clients die, or are late, while they are written. */

import { assertEquals, assertRejects } from "@std/assert";
import type { NewJob, Store } from "../../../src/store/store.ts";
import { testRedisProblem } from "../../support/redis/shared.ts";
import { script } from "./support/faults.ts";
import { ids, newJob, outcome, put, request, take } from "./support/jobs.ts";
import { Rig } from "./support/rig.ts";

const ignore = testRedisProblem() !== undefined;

/** Two jobs that need no other of the graph, and many that wait for one of them. */
function large(): NewJob[] {
  const settings = { dependsOn: [{ id: "root", onFailure: "cancel" as const }] };
  const children = ids(700, "c").map((id) => newJob(id, { settings }));
  return [newJob("root"), newJob("free", { delayMs: 50 }), ...children];
}

async function tally(store: Store): Promise<Record<string, number>> {
  return Object.fromEntries((await store.counts()).map(({ status, count }) => [status, count]));
}

async function relayAll(store: Store): Promise<void> {
  while ((await store.relay(500)).nextInMs === 0);
}

Deno.test({
  name: "redisStore removes a large graph whose client died before it was whole",
  ignore,
  async fn() {
    await using rig = await Rig.start();
    const { store, direct, proxy, clock } = rig;
    await put(direct, newJob("p"));
    const before = await rig.dump();
    const fault = proxy.faults.add({ match: script("draft"), action: "stall" });
    const reply = store.enqueue([large()]);
    reply.catch(() => {});
    await fault.happened();
    await store.close();
    await assertRejects(() => reply);

    assertEquals(await tally(direct), { ready: 1, deferred: 702 });
    assertEquals((await take(direct, 10)).map(({ id }) => id), ["p"], "none of it can run");
    const waiting = await direct.relay(500);
    assertEquals(waiting, { moved: 0, nextInMs: 60_000 });
    const [root] = await direct.getJobs(["root"]);
    assertEquals([root?.status, root?.pendingParents], ["deferred", []]);
    await put(
      direct,
      newJob("other", {
        settings: { dependsOn: [{ id: "root", onFailure: "cancel" }] },
      }),
    );

    await clock.advance(60_001);
    await relayAll(direct);
    assertEquals(await tally(direct), { processing: 1, canceled: 1 });
    const [other] = await direct.getJobs(["other"]);
    assertEquals(other?.error, "Parent 'root' was removed");
    await direct.act(["other"], { kind: "remove" });
    const left = Object.keys(await rig.dump()).filter((key) => !/^(w:|said:)/.test(key));
    const expected = [...Object.keys(before), "claims", "fence", "leases:s1", "servers", "tape"];
    assertEquals(left.filter((key) => !expected.includes(key)), []);
  },
});

Deno.test({
  name: "redisStore writes a large graph again whose client died before it was whole",
  ignore,
  async fn() {
    await using rig = await Rig.start();
    const { store, direct, proxy, clock } = rig;
    const fault = proxy.faults.add({ match: script("draft"), action: "stall" });
    const reply = store.enqueue([large()]);
    reply.catch(() => {});
    await fault.happened();
    await store.close();
    await assertRejects(() => reply);
    await clock.advance(5001);
    assertEquals((await direct.enqueue([large()]))[0]?.outcome, "created");
    assertEquals(await tally(direct), { ready: 1, scheduled: 1, deferred: 700 });
    assertEquals(await direct.relay(500), { moved: 0, nextInMs: null });
    assertEquals(await direct.enqueue([large()]), [
      { outcome: "duplicate", index: 0, id: "root", status: "ready" },
    ]);
  },
});

Deno.test({
  name: "redisStore writes one of two equal large graphs that are enqueued at once",
  ignore,
  async fn() {
    await using rig = await Rig.start();
    const replies = await Promise.all([rig.store, rig.direct].map((one) => one.enqueue([large()])));
    const outcomes = replies.map(([reply]) => reply!.outcome).sort();
    assertEquals(outcomes, ["created", "duplicate"]);
    assertEquals(await tally(rig.direct), { ready: 1, scheduled: 1, deferred: 700 });
  },
});

for (const struck of ["group", "draft"]) {
  Deno.test({
    name: `redisStore writes a large graph anew that was given up for dead, at ${struck}`,
    ignore,
    async fn() {
      await using rig = await Rig.start();
      const { store, direct, proxy, clock } = rig;
      let calls = 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      proxy.faults.add({
        match: (command) => {
          // Of the calls for its two parts, two look and two write.
          if (!script(struck)(command) || (struck === "group" && ++calls < 4)) return false;
          held.resolve();
          return true;
        },
        action: "delayCommand",
        until: promise,
        times: Infinity, // as it is sent again
      });
      const reply = store.enqueue([large()]);
      await held.promise;
      await clock.advance(60_001);
      await relayAll(direct);
      assertEquals(await tally(direct), {});
      resolve();
      const [one] = await reply;
      assertEquals(one?.outcome, "created");
      assertEquals(await tally(direct), { ready: 1, scheduled: 1, deferred: 700 });
      const [root] = await take(direct, 10);
      await direct.settle({ outcomes: [outcome(root!)] });
      await relayAll(direct);
      assertEquals(await tally(direct), { completed: 1, scheduled: 1, ready: 700 });
    },
  });
}

Deno.test({
  name: "redisStore writes nothing of a large graph whose holder lost its claim meanwhile",
  ignore,
  async fn() {
    await using rig = await Rig.start();
    const { store, direct, proxy } = rig;
    await put(direct, newJob("h"));
    const [taken] = await take(direct, 1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = proxy.next(script("draft"));
    proxy.faults.add({
      match: script("draft"),
      action: "delayCommand",
      until: promise,
      times: Infinity, // as it is sent again
    });
    const holder = { id: "h", fence: taken!.holder.fence };
    const reply = store.enqueue([large().map((job) => ({ ...job, holder }))]);
    await held;
    await direct.settle({ outcomes: [outcome(taken!)], claim: request(10) });
    resolve();
    assertEquals(await reply, [{ outcome: "lost" }]);
    assertEquals(await tally(direct), { completed: 1 });
  },
});
