/** Operations whose runner dies, stands still or is not alone: each job is dealt with once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LEASE_MS } from "../../../src/monitor/operations/operation_memos.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Verb } from "../../support/decorated_store.ts";
import { kinds, type Place } from "../support/places.ts";
import { MonitorWorld } from "../world.ts";
import {
  attemptsOf,
  audited,
  countsOf,
  enqueue,
  failReady,
  look,
  QUEUE,
  retryReady,
  start,
  untilEnded,
} from "./jobs.ts";

/** Two steps of an operation. */
const COUNT = 120;

/** An action, what stands before it, what workers do meanwhile, and what must be in the end. */
interface Deed {
  readonly action: string;
  prepare(store: Store): Promise<string[]>;
  /** Workers that are as quick as can be, so that a job is soon back in the status in which it was. */
  work(store: Store): Promise<unknown>;
  judge(store: Store, ids: readonly string[]): Promise<void>;
}

async function dead(store: Store): Promise<string[]> {
  const ids = await enqueue(store, COUNT);
  await failReady(store);
  return ids;
}

const deeds: readonly Deed[] = [
  {
    action: "retry",
    prepare: dead,
    work: failReady,
    judge: async (store, ids) => {
      assert.deepEqual(new Set(await attemptsOf(store, ids)), new Set([2]));
    },
  },
  {
    action: "requeue",
    prepare: dead,
    work: failReady,
    judge: async (store, ids) => {
      assert.deepEqual(new Set(await attemptsOf(store, ids)), new Set([1]));
      assert.deepEqual(await countsOf(store), { dead_letter: 2 * COUNT });
    },
  },
  {
    action: "promote",
    prepare: (store) => enqueue(store, COUNT, { delayMs: 3_600_000 }),
    work: retryReady,
    judge: async (store, ids) => {
      assert.deepEqual(new Set(await attemptsOf(store, ids)), new Set([1]));
    },
  },
];

/** Lets workers go on whenever an operation has done something. */
function workAfter(world: MonitorWorld, place: Place, { work }: Deed): void {
  for (const verb of ["act", "enqueue"] as const) {
    world.store.on(verb, async ({ run }) => {
      const reply = await run();
      await work(place.store);
      return reply as never;
    });
  }
}

/** Where a runner dies: at a call of a verb that it makes once the operation has begun. */
interface Death {
  readonly verb: Verb;
  /** Which call of the verb, from 1. */
  readonly n: number;
  readonly when: "before" | "after";
}

const deaths: readonly Death[] = ([
  ...[["memos", 1], ["memos", 2], ["list", 1], ["list", 3], ["putMemos", 1]],
  ...[["putMemos", 2], ["putMemos", 3], ["act", 1], ["act", 2], ["enqueue", 1], ["enqueue", 2]],
  ...[["addMemo", 1], ["addToTrail", 1]],
] as [Verb, number][]).flatMap(([verb, n]) => [
  { verb, n, when: "before" as const },
  { verb, n, when: "after" as const },
]);

/**
 * Has the process of a monitor die, as far as the store can tell: from a call on, none comes back.
 * Tells whether it has.
 */
function dieAt(
  world: MonitorWorld,
  place: Place,
  deed: Deed,
  { verb, n, when }: Death,
): () => boolean {
  const never = new Promise<never>(() => {});
  let isDead = false;
  const verbs = new Set<Verb>([...deaths.map((death) => death.verb), "getJobs", "schedules"]);
  for (const one of verbs) {
    let calls = 0;
    world.store.on(one, async ({ run }) => {
      if (isDead) return await never;
      const isLast = one === verb && ++calls === n;
      if (isLast && when === "before") isDead = true;
      if (isDead) return await never;
      const reply = await run();
      if (isLast) isDead = true;
      if (one === "act" || one === "enqueue") await deed.work(place.store);
      return (isDead ? await never : reply) as never;
    });
  }
  return () => isDead;
}

for (const kind of kinds) {
  for (const deed of deeds) {
    test(
      `an operation to ${deed.action} goes on when its runner has died, wherever it did (${kind.name})`,
      {
        skip: kind.skip,
      },
      async () => {
        const isActed = deed.action !== "requeue";
        for (const death of deaths) {
          // The other verb is not called.
          if (death.verb === (isActed ? "enqueue" : "act")) continue;
          const name = `${death.verb} ${death.n} ${death.when}`;
          await using place = await kind.make();
          const { store, clock } = place;
          const ids = await deed.prepare(store);
          await clock.advance(1);
          const first = new MonitorWorld(place);
          const id = await start(first, { action: deed.action, query: { queue: QUEUE } });
          const isDead = dieAt(first, place, deed, death);
          while (!isDead()) await clock.advance(1);
          await clock.advance(LEASE_MS);
          const second = new MonitorWorld(place);
          await using _closed = second.monitor;
          workAfter(second, place, deed);
          const { state, matched, changed } = await untilEnded(second, id);
          await deed.work(store);
          assert.deepEqual([state, matched, changed], ["completed", COUNT, COUNT], name);
          await deed.judge(store, ids);
          const ends = (await audited(store)).filter(({ action }) => action === "operation.end");
          // Its end is told, and twice only if it died between telling and being taken off the list.
          const isTwice = death.verb === "addToTrail" && death.when === "after" ||
            death.verb === "putMemos" && death.n === 3;
          assert.ok(ends.length === 1 || isTwice && ends.length === 2, name);
        }
      },
    );

    test(
      `an operation to ${deed.action} does so once though two runners hold it for theirs (${kind.name})`,
      {
        skip: kind.skip,
      },
      async () => {
        await using place = await kind.make();
        const { store, clock } = place;
        const ids = await deed.prepare(store);
        await clock.advance(1);
        const [one, two] = [new MonitorWorld(place), new MonitorWorld(place)];
        await using _one = one.monitor;
        await using _two = two.monitor;
        for (const world of [one, two]) {
          workAfter(world, place, deed);
          alwaysHolds(world);
        }
        const id = await start(one, { action: deed.action, query: { queue: QUEUE } });
        await look(two, id);
        const { state } = await untilEnded(two, id);
        assert.equal(state, "completed");
        // Whoever is late comes to its end too.
        await clock.advance(1000);
        await deed.work(store);
        await deed.judge(store, ids);
      },
    );

    test(
      `an operation to ${deed.action} does so once though a runner stood still (${kind.name})`,
      {
        skip: kind.skip,
      },
      async () => {
        await using place = await kind.make();
        const { store, clock } = place;
        const ids = await deed.prepare(store);
        await clock.advance(1);
        const [one, two] = [new MonitorWorld(place), new MonitorWorld(place)];
        await using _one = one.monitor;
        await using _two = two.monitor;
        workAfter(two, place, deed);
        const gate = Promise.withResolvers<void>();
        const held = Promise.withResolvers<void>();
        const done = Promise.withResolvers<void>();
        for (const verb of ["act", "enqueue"] as const) {
          one.store.on(verb, async ({ run }) => {
            held.resolve();
            await gate.promise;
            const reply = await run();
            done.resolve();
            return reply as never;
          });
        }
        const id = await start(one, { action: deed.action, query: { queue: QUEUE } });
        let isHeld = false;
        held.promise.then(() => isHeld = true);
        while (!isHeld) await clock.advance(1);
        await clock.advance(LEASE_MS);
        assert.equal((await untilEnded(two, id)).changed, COUNT);
        gate.resolve();
        await done.promise;
        await deed.work(store);
        await deed.judge(store, ids);
      },
    );
  }
}

/** Lets a runner believe that every operation is its own. */
function alwaysHolds({ store }: MonitorWorld): void {
  let name: string | undefined;
  store.on("addMemo", async ({ args: [memo], run }) => {
    if (!memo.key.startsWith("operation-lease:")) return await run();
    name = memo.value;
    await run();
    return null;
  });
  store.on("memos", async ({ args: [keys], run }) => {
    const values = await run();
    return keys.map((key, i) => key.startsWith("operation-lease:") ? name! : values[i]!);
  });
}
