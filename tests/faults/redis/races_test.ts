/**
 * A reply is lost, and before the call is repeated others go on: the repeat must neither undo what
 * they did nor do its own work again.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreUnavailableError } from "../../../src/store/errors.ts";
import type { NewJob } from "../../../src/store/store.ts";
import { testRedisProblem } from "../../support/redis/shared.ts";
import { eachCase } from "./support/each.ts";
import { script } from "./support/faults.ts";
import { big, newJob, outcome, put, request, take } from "./support/jobs.ts";
import { Rig, type RigOptions } from "./support/rig.ts";

/** Loses the reply of a script, does something past the proxy, then lets the repeat through. */
async function lose<T>(
  rig: Rig,
  name: string,
  call: () => Promise<T>,
  meanwhile: () => Promise<unknown>,
): Promise<T> {
  const fault = rig.proxy.faults.add({ match: script(name), action: "cutAfterCommand" });
  const reply = call();
  reply.catch(() => {}); // told below, unless something else goes wrong first
  await fault.happened();
  rig.proxy.refuse(true);
  await meanwhile();
  rig.proxy.refuse(false);
  return await reply;
}

const unique = (id: string): NewJob =>
  newJob(id, { settings: { unique: { key: "k", until: "finished" } } });

interface Race {
  readonly name: string;
  readonly run: (rig: Rig) => Promise<void>;
  readonly options?: RigOptions;
}

const gone = { retention: { completedMs: 0 } };

const races: readonly Race[] = [
  {
    name: "enqueue: the job was completed meanwhile",
    run: async (rig) => {
      const [reply] = await lose(
        rig,
        "enqueue",
        () => rig.store.enqueue([[newJob("j0")]]),
        async () => rig.direct.settle({ outcomes: [outcome((await take(rig.direct, 1))[0]!)] }),
      );
      assertEquals(reply?.outcome, "created");
      assertEquals((await take(rig.direct, 1)).length, 0, "jobs to run again");
    },
  },
  ...["small", big("large")].map((payload): Race => ({
    name: `enqueue: the job was completed and removed meanwhile, ${payload.slice(0, 6)}`,
    run: async (rig) => {
      const [reply] = await lose(
        rig,
        "enqueue",
        () => rig.store.enqueue([[newJob("j0", { settings: gone, payload })]]),
        async () => rig.direct.settle({ outcomes: [outcome((await take(rig.direct, 1))[0]!)] }),
      );
      assertEquals(reply?.outcome, "created");
      // Nothing is left that could tell that it ran: it is delivered once more, never lost.
      assertEquals((await take(rig.direct, 1)).length, 1, "jobs to run");
    },
  })),
  {
    name: "enqueue: another used the id first",
    run: async (rig) => {
      const { proxy, store, direct } = rig;
      const fault = proxy.faults.add({ match: script("enqueue"), action: "cutBeforeCommand" });
      const call = store.enqueue([[newJob("j0", { payload: big("mine") })]]);
      await fault.happened();
      proxy.refuse(true);
      await put(direct, newJob("j0", { payload: big("theirs") }));
      proxy.refuse(false);
      const [reply] = await call;
      assertEquals(reply?.outcome, "duplicate");
      const [job] = await direct.getJobs(["j0"]);
      assertEquals(job?.payload, big("theirs"));
    },
  },
  {
    name: "group: a unique job was run meanwhile",
    run: async (rig) => {
      const [reply] = await lose(
        rig,
        "group",
        () => rig.store.enqueue([[unique("j0")]]),
        async () => rig.direct.settle({ outcomes: [outcome((await take(rig.direct, 1))[0]!)] }),
      );
      assertEquals(reply?.outcome, "created");
      assertEquals((await take(rig.direct, 1)).length, 0, "jobs to run again");
    },
  },
  {
    name: "group: the job that it debounced was claimed meanwhile",
    run: async (rig) => {
      await put(rig.direct, unique("j0"));
      const [reply] = await lose(
        rig,
        "group",
        () => rig.store.enqueue([[{ ...unique("j1"), payload: "2", onConflict: "debounce" }]]),
        () => take(rig.direct, 1),
      );
      assertEquals(reply, { outcome: "merged", id: "j0", status: "processing" });
      assertEquals((await rig.direct.counts()).length, 1);
    },
  },
  {
    name: "group: the parent of a new job ended meanwhile",
    run: async (rig) => {
      await put(rig.direct, newJob("p"));
      const [held] = await take(rig.direct, 1);
      const settings = { dependsOn: [{ id: "p", onFailure: "cancel" }] } as const;
      const [reply] = await lose(
        rig,
        "group",
        () => rig.store.enqueue([[newJob("j0"), newJob("j1", { settings })]]),
        () => rig.direct.settle({ outcomes: [outcome(held!)] }),
      );
      assertEquals(reply, { outcome: "created", statuses: ["ready", "ready"] });
    },
  },
  {
    name: "claim: its leases ended and another server took the jobs",
    run: async (rig) => {
      const { direct, clock, store } = rig;
      await put(direct, newJob("j0"), newJob("j1"), newJob("j2"));
      let theirs: string[] = [];
      const { jobs } = await lose(rig, "claim", () => store.claim(request(2)), async () => {
        await clock.advance(11_000);
        await direct.reap({ limit: 9, maxDeliveries: 9 });
        theirs = (await take(direct, 2, { server: "s2" })).map(({ id }) => id);
      });
      assertEquals(theirs, ["j0", "j1"]);
      assertEquals(jobs.map(({ id }) => id), ["j2"]);
    },
  },
  {
    name: "claim: one of its jobs was given back",
    run: async (rig) => {
      const { direct, store } = rig;
      await put(direct, newJob("j0"), newJob("j1"));
      const { jobs } = await lose(rig, "claim", () => store.claim(request(2)), async () => {
        const { unknown } = await direct.heartbeat({ server: "s1", leaseMs: 10_000, holds: [] });
        assertEquals(unknown.length, 2);
        const verdict = { kind: "release" } as const;
        await direct.settle({ outcomes: [{ ...unknown[0]!, verdict, ranMs: 0 }] });
      });
      const held = (await direct.list({ status: "processing", limit: 9 })).jobs;
      assertEquals(
        jobs.map(({ id, holder }) => [id, holder.fence]).sort(),
        held.map(({ id, holder }) => [id, holder!.fence]).sort(),
        "claims answered and claims in Redis",
      );
    },
  },
  {
    name: "settle and claim: another server settled the released and the retried job",
    run: async (rig) => {
      const { direct, store } = rig;
      await put(direct, newJob("j0"), newJob("j1"), newJob("j2"));
      const [first, second, third] = await take(direct, 3);
      const error = { message: "planned" };
      const retry = { kind: "retry", delayMs: 0, counted: true, error } as const;
      const outcomes = [
        outcome(first!, { kind: "release" }),
        outcome(second!, retry),
        outcome(third!),
      ];
      const { results } = await lose(rig, "settle", () => store.settle({ outcomes }), async () => {
        const jobs = await take(direct, 3, { server: "s2" });
        assertEquals(jobs.map(({ id }) => id).sort(), ["j0", "j1"]);
        await direct.settle({ outcomes: jobs.map((job) => outcome(job)) });
      });
      // Who settled last is all that a job remembers.
      assertEquals(results, ["lost", "lost", "already"]);
      const after = await direct.getJobs(["j0", "j1", "j2"]);
      assertEquals(after.map((job) => job?.status), ["completed", "completed", "completed"]);
      assertEquals(after.map((job) => job?.attemptsMade), [1, 2, 1]);
    },
  },
  ...["enqueue", "settle"].map((verb): Race => ({
    name: `${verb}: the repeat gives up after its large text was sent again`,
    options: { patienceMs: 1500 },
    run: async (rig) => {
      const { direct, proxy, store } = rig;
      await put(direct, newJob("s"));
      const [job] = await take(direct, 1);
      const result = big("result");
      proxy.faults.add({ match: script(verb), action: "cutAfterCommand" });
      const second = proxy.faults.add({ match: script(verb), action: "cutBeforeCommand" });
      second.happened().then(() => proxy.refuse(true));
      await assertRejects(
        () =>
          verb === "enqueue"
            ? store.enqueue([[newJob("j0", { payload: big("j0") })]])
            : store.settle({ outcomes: [outcome(job!, { kind: "complete", result })] }),
        StoreUnavailableError,
      );
      const keys = Object.keys(await rig.dump()).filter((key) => /^(big|res):/.test(key));
      assertEquals(keys.length, 1);
      assert(!keys[0]!.endsWith("(expires)"), `an accepted job's text may not expire: ${keys[0]}`);
    },
  })),
  {
    name: "settle: a caller repeats it, with a large result",
    run: async (rig) => {
      await put(rig.direct, newJob("j0"));
      const [job] = await take(rig.direct, 1);
      const outcomes = [outcome(job!, { kind: "complete", result: big("result") })];
      assertEquals((await rig.store.settle({ outcomes })).results, ["ok"]);
      assertEquals((await rig.store.settle({ outcomes })).results, ["already"]);
      const keys = Object.keys(await rig.dump()).filter((key) => key.startsWith("res:"));
      assert(!keys[0]!.endsWith("(expires)"), "a result that is kept may not expire");
    },
  },
  {
    name: "enqueue: a large payload whose id is in use leaves nothing for ever",
    run: async (rig) => {
      await put(rig.direct, newJob("j0"));
      const [reply] = await rig.store.enqueue([[newJob("j0", { payload: big("other") })]]);
      assertEquals(reply?.outcome, "duplicate");
      const keys = Object.keys(await rig.dump()).filter((key) => key.startsWith("big:"));
      assert(keys.every((key) => key.endsWith("(expires)")), `payloads without a job: ${keys}`);
    },
  },
];

Deno.test({
  name: "redisStore repeats a call without harm when others went on meanwhile",
  ignore: testRedisProblem() !== undefined,
  fn: () =>
    eachCase(races, {
      name: ({ name }) => name,
      run: async ({ run, options }) => {
        await using rig = await Rig.start(options);
        await run(rig);
      },
    }),
});
