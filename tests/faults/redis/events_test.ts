/** A listener hears of everything, whatever happens to its connections. */

import { assertEquals } from "@std/assert";
import { inShort, toldBy } from "../../../src/testing/conformance/hearing.ts";
import { testRedisProblem } from "../../support/redis/shared.ts";
import { eachCase, limited } from "./support/each.ts";
import { newJob, put } from "./support/jobs.ts";
import { Rig } from "./support/rig.ts";

const ignore = testRedisProblem() !== undefined;

Deno.test({
  name: "redisStore.watchEvents tells of what happened while the connections were away",
  ignore,
  fn: () =>
    eachCase([1, 2, 3], {
      name: (i) => `round ${i}`,
      run: async () => {
        await using rig = await Rig.start();
        const { store, direct, proxy } = rig;
        using feed = await store.watchEvents();
        const waiting = limited((signal) => feed.next(signal));
        proxy.refuse(true);
        await proxy.cutAll();
        await put(direct, newJob("a"));
        proxy.refuse(false);
        assertEquals(inShort(await waiting), ["a created ready"]);
        await put(direct, newJob("b"));
        assertEquals(inShort(await toldBy(direct, feed)), ["b created ready"]);
      },
    }),
});

Deno.test({
  name: "redisStore.watchEvents begins when its subscription was cut",
  ignore,
  async fn() {
    await using rig = await Rig.start();
    const { store, direct, proxy } = rig;
    const match = ({ name }: { readonly name: string }) => name === "SUBSCRIBE";
    proxy.faults.add({ match, action: "cutAfterCommand" });
    using feed = await store.watchEvents();
    const waiting = limited((signal) => feed.next(signal));
    await put(direct, newJob("a"));
    assertEquals(inShort(await waiting), ["a created ready"]);
  },
});
