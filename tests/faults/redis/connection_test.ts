/** Connections that are lost, refused, half closed or silent. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ConnectionEvent } from "../../../src/store/redis/options.ts";
import {
  StoreClosedError,
  StoreOpenError,
  StoreUnavailableError,
} from "../../../src/store/errors.ts";
import { redisStore } from "../../../src/store/redis/store.ts";
import type { Store } from "../../../src/store/store.ts";
import { testRedisProblem } from "../../support/redis/shared.ts";
import { eachCase } from "./support/each.ts";
import { big, newJob, put, request, take } from "./support/jobs.ts";
import { Rig } from "./support/rig.ts";

const ignore = testRedisProblem() !== undefined;

/** Each verb, called in vain. */
const calls: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  enqueue: (store) => store.enqueue([[newJob("e", { payload: big("e") })]]),
  claim: (store) => store.claim(request(1)),
  settle: (store) => store.settle({ outcomes: [], claim: request(1) }),
  heartbeat: (store) => store.heartbeat({ server: "s", leaseMs: 1000, holds: [] }),
  reap: (store) => store.reap({ limit: 1, maxDeliveries: 5 }),
  promote: (store) => store.promote(1),
  expire: (store) => store.expire(1),
  prune: (store) => store.prune(1),
  report: (store) => store.report([{ id: "none", fence: 1, logs: ["line"] }]),
  getJobs: (store) => store.getJobs(["j0"]),
  list: (store) => store.list({ status: "processing", limit: 5 }),
  counts: (store) => store.counts(),
};

/** A rig that tells of its connection, and a wait for the next event of a kind. */
async function listening(options: { readonly patienceMs: number }) {
  const events: string[] = [];
  const waiters: (() => void)[] = [];
  const onConnection = ({ type }: ConnectionEvent): void => {
    events.push(type);
    for (const waiter of waiters.splice(0)) waiter();
  };
  const rig = await Rig.start({ ...options, onConnection });
  const told = async (count: number): Promise<void> => {
    while (events.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  return { rig, events, told };
}

Deno.test({
  name: "redisStore waits for a refused connection, then its calls succeed",
  ignore,
  fn: () =>
    eachCase(Object.entries(calls), {
      name: ([verb]) => verb,
      run: async ([, call]) => {
        const { rig, events, told } = await listening({ patienceMs: 60_000 });
        await using _ = rig;
        await put(rig.direct, newJob("j0"));
        rig.proxy.refuse(true);
        await rig.proxy.cutAll();
        const reply = call(rig.store);
        await told(1);
        rig.proxy.refuse(false);
        await reply;
        assertEquals(events, ["lost", "restored"]);
      },
    }),
});

Deno.test({
  name: "redisStore throws StoreUnavailableError when its patience ends, and works again later",
  ignore,
  fn: () =>
    eachCase(Object.entries(calls), {
      name: ([verb]) => verb,
      run: async ([, call]) => {
        const { rig, told } = await listening({ patienceMs: 300 });
        await using _ = rig;
        rig.proxy.refuse(true);
        await rig.proxy.cutAll();
        const error = await assertRejects(() => call(rig.store), StoreUnavailableError);
        assertEquals(error.code, "STORE_UNAVAILABLE");
        rig.proxy.refuse(false);
        await told(2);
        await call(rig.store);
      },
    }),
});

Deno.test({
  name: "redisStore.close ends calls that wait for a connection with StoreClosedError",
  ignore,
  fn: () =>
    eachCase(Object.entries(calls), {
      name: ([verb]) => verb,
      run: async ([, call]) => {
        await using rig = await Rig.start();
        rig.proxy.refuse(true);
        await rig.proxy.cutAll();
        const refused = assertRejects(() => call(rig.store), StoreClosedError);
        await rig.store.close();
        await refused;
      },
    }),
});

/** Lets the event loop take one turn. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test({
  name: "redisStore lets the event loop run while a connection is being closed by the server",
  ignore,
  fn: () =>
    eachCase(Array.from({ length: 10 }, (_, i) => i), {
      name: (i) => `round ${i}`,
      atOnce: 1,
      run: async () => {
        await using rig = await Rig.start({ patienceMs: 3000 });
        await put(rig.direct, newJob("j0"));
        // Calls come at every turn between the first sign of the end and the last.
        const cut = rig.proxy.cutAll();
        const looks: Promise<unknown>[] = [];
        for (let i = 0; i < 30; i++) {
          looks.push(rig.store.getJobs(["j0"]));
          await turn();
        }
        await cut;
        await Promise.all(looks);
      },
    }),
});

/** Commands with which a client greets a server. */
const greetings = ["INFO", "SELECT", "CLIENT"];

Deno.test({
  name: "redisStore makes another connection when a server is silent to its first words",
  ignore,
  fn: () =>
    eachCase(["stall", "dropReply"] as const, {
      name: (action) => action,
      run: async (action) => {
        await using rig = await Rig.start({ patienceMs: 15_000, connectTimeoutMs: 1000 });
        await put(rig.direct, newJob("j0"));
        const match = ({ name }: { readonly name: string }) => greetings.includes(name);
        const fault = rig.proxy.faults.add({ match, action });
        await rig.proxy.cutAll();
        const [job] = await rig.store.getJobs(["j0"]);
        assertEquals(job?.id, "j0");
        assert(fault.hits > 0, "the fault has happened");
      },
    }),
});

Deno.test({
  name: "redisStore.open throws StoreOpenError when the server is silent, and works later",
  ignore,
  fn: async () => {
    await using rig = await Rig.start();
    const { prefix, proxy } = rig;
    await using store = redisStore(proxy.url, {
      prefix,
      connectTimeoutMs: 400,
      replyTimeoutMs: 200,
    });
    proxy.faults.add({ match: () => true, action: "stall", times: 1000 });
    await assertRejects(() => store.open(), StoreOpenError);
    proxy.faults.clear();
    await store.open();
    assertEquals(await store.getJobs(["none"]), [null]);
  },
});

Deno.test({
  name: "redisStore loses and doubles nothing when all connections are cut again and again",
  ignore,
  fn: async () => {
    await using rig = await Rig.start();
    const { store, direct, proxy } = rig;
    const names = Array.from({ length: 200 }, (_, i) => `j${i}`);
    let over = false;
    const cutting = (async () => {
      while (!over) {
        await proxy.next(({ script }) => script !== undefined);
        if (!over) await proxy.cutAll();
        // The next cut comes after some calls have gone through.
        for (let i = 0; i < 10 && !over; i++) {
          await proxy.next(({ script }) => script !== undefined);
        }
      }
    })();
    await Promise.all(Array.from({ length: 10 }, async (_, k) => {
      for (const id of names.slice(20 * k, 20 * k + 20)) {
        const [reply] = await store.enqueue([[newJob(id)]]);
        assertEquals(reply?.outcome, "created", id);
      }
    }));
    const seen: string[] = [];
    await Promise.all(Array.from({ length: 5 }, async (_, k) => {
      const server = `s${k}`;
      let jobs = await take(store, 8, { server });
      while (jobs.length > 0) {
        seen.push(...jobs.map(({ id }) => id));
        const outcomes = jobs.map(({ id, holder }) => ({
          ...{ id, fence: holder.fence, ranMs: 1 },
          verdict: { kind: "complete", result: id } as const,
        }));
        const { results, claimed } = await store.settle({
          outcomes,
          claim: request(8, { server }),
        });
        assert(!results.includes("lost"), `outcomes of ${server}: ${results}`);
        jobs = claimed!.jobs;
      }
    }));
    over = true;
    await store.getJobs(["none"]);
    for (let i = 0; i < 12; i++) await store.getJobs(["none"]);
    await cutting;
    assertEquals(seen.sort(), names.sort(), "each job is claimed once");
    const jobs = await direct.getJobs(names);
    assert(jobs.every((job) => job?.result === job?.id && job?.attemptsMade === 1));
    assertEquals((await direct.counts()).map(({ status, count }) => [status, count]), [[
      "completed",
      200,
    ]]);
  },
});
