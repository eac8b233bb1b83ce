/** Random calls of what programs beside the queue keep: each store does what the memory store does. */

import process from "node:process";
import { describe, it } from "node:test";
import { memoryStore } from "../../src/store/memory/store.ts";
import type { KeptMemo, Memo, NoMemo, Store, TrailEntry } from "../../src/store/store.ts";
import { FakeClock } from "../../src/testing/fake_clock.ts";
import { testRedisProblem } from "../support/redis/shared.ts";
import { Draws } from "./draws.ts";
import { Pair } from "./pair.ts";
import type { Subject } from "./play.ts";
import { subjects } from "./subjects.ts";

const LONG = process.env.GQM_LONG === "1";
const HISTORIES = LONG ? 200 : 5;
const STEPS = 400;
const KEYS = ["a", "a:", "a:1", "a:2", "a:20", "b", "b/1", "~", "A"];
const retention = { completedMs: 1000, failedMs: 1000, maxCount: 10 };

/** A call of a store, for both sides. */
type Call = (store: Store) => Promise<unknown>;

/** What is drawn next, by name, so that a failure says what it was. */
function drawCall(draws: Draws): [name: string, call: Call] {
  const key = draws.pick(KEYS);
  const memo = (): Memo => {
    const ttlMs = 1 + draws.below(draws.pick([5, 100, 5000]));
    return { key: draws.pick(KEYS), value: `v${draws.below(1000)}`, ttlMs };
  };
  const change = (): Memo | NoMemo =>
    draws.chance(0.3) ? { key: draws.pick(KEYS), value: null } : memo();
  const limit = 1 + draws.below(6);
  const rule = { limit, windowMs: draws.chance(0.7) ? 60 : draws.pick([1, 7, 1000, 3333]) };
  const count = 1 + draws.below(limit);
  const show = (name: string, ...words: unknown[]): string => `${name} ${JSON.stringify(words)}`;
  switch (draws.below(8)) {
    case 0: {
      const memos = draws.many(5, change);
      return [show("putMemos", memos), (store) => store.putMemos(memos)];
    }
    case 1: {
      const added = memo();
      return [show("addMemo", added), (store) => store.addMemo(added)];
    }
    case 2:
      return ["memos", (store) => store.memos(KEYS)];
    case 3:
      return [show("memosUnder", key, limit), (store) => memosOf(store, key, limit)];
    case 4:
      return draws.chance(0.5)
        ? [show("unhit", key), (store) => store.unhit(key)]
        : [show("unhit", key, count), (store) => store.unhit(key, count)];
    case 5: {
      const texts = Array.from({ length: draws.below(4) }, () => `t${draws.below(1000)}`);
      const most = 1 + draws.below(9);
      const add: Call = (store) => store.addToTrail(key, texts, { most });
      return [show("addToTrail", key, texts, most), add];
    }
    case 6:
      return [show("trail", key, limit), (store) => entriesOf(store, key, limit)];
    default: {
      const hit = draws.chance(0.5) ? rule : { ...rule, count };
      return [show("hit", key, hit), (store) => store.hit(key, hit)];
    }
  }
}

/** Memos of all pages: what is over makes pages shorter, and is not let go of at the same time everywhere. */
async function memosOf(store: Store, prefix: string, limit: number): Promise<KeptMemo[]> {
  const memos: KeptMemo[] = [];
  let cursor: string | undefined;
  do {
    const from = cursor === undefined ? {} : { cursor };
    const reply = await store.memosUnder(prefix, { limit, ...from });
    memos.push(...reply.memos);
    cursor = reply.cursor;
  } while (cursor !== undefined);
  return memos;
}

async function entriesOf(store: Store, name: string, limit: number): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = [];
  let cursor: string | undefined;
  do {
    const reply = await store.trail(name, { limit, ...cursor === undefined ? {} : { cursor } });
    entries.push(...reply.entries);
    cursor = reply.cursor;
  } while (cursor !== undefined);
  return entries;
}

async function play(subject: Subject, seed: number): Promise<void> {
  const draws = new Draws(seed);
  const clock = new FakeClock();
  await using model = memoryStore({ clock, retention });
  await model.open();
  const { store, cleanUp } = await subject.open({ clock, retention });
  try {
    const pair = new Pair(model, store);
    for (let step = 0; step < STEPS; step++) {
      const [name, call] = drawCall(draws);
      await pair.both(`${name}, step ${step} of seed ${seed}`, call);
      if (draws.chance(0.5)) clock.jump(draws.below(draws.pick([3, 30, 1000])));
      if (draws.chance(0.05)) await store.prune(3);
      if (draws.chance(0.05)) await model.prune(3);
    }
    const { findings } = await store.check({ repair: false, limit: 10_000 });
    if (findings.length > 0) throw new Error(`seed ${seed}: ${JSON.stringify(findings)}`);
  } finally {
    await store.close();
    await cleanUp();
  }
}

async function playAll(subject: Subject): Promise<void> {
  const { GQM_SEED } = process.env;
  if (GQM_SEED !== undefined) return await play(subject, Number(GQM_SEED));
  const first = LONG ? Date.now() % 1_000_000_000 : 1;
  for (let i = 0; i < HISTORIES; i++) await play(subject, first + i);
}

describe("a store keeps for others what the memory store keeps", () => {
  it("sqlite, in random histories", () => playAll(subjects.sqlite));

  it(
    "redis, in random histories",
    { skip: testRedisProblem() ?? false },
    () => playAll(subjects.redis),
  );
});
