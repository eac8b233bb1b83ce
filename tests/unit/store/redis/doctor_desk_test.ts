/** Memos that nobody would list or that would never go, and entries of memos that are gone: found, mended. */

import { assert, assertEquals } from "@std/assert";
import type { FindingKind } from "../../../../src/store/doctor_stage.ts";
import { examine, type Patient, testPatient } from "../../../support/redis/doctor.ts";

const SECRET = "9f86d081884c7d65";
const KEYS = ["user:ada:1", "user:ada:2", "user:bob:1"];
const RULE = { limit: 5, windowMs: 5000 };

async function fill({ store, call }: Patient): Promise<void> {
  await store.putMemos(KEYS.map((key) => ({ key, value: SECRET, ttlMs: 5000 })));
  await store.putMemos([{ key: "over", value: SECRET, ttlMs: 1 }]);
  await store.hit("ada", RULE);
  await store.addToTrail("audit", [SECRET], { most: 5 });
  // What is over and was not looked at, as after a night without anybody.
  await call("DEL", "KEY:memo:over");
}

const cases: readonly {
  readonly name: string;
  readonly commands: readonly (readonly string[])[];
  readonly finds: readonly FindingKind[];
  /** Keys that are lost. */
  readonly lost?: readonly string[];
}[] = [
  {
    name: "a memo that is not listed",
    commands: [["ZREM", "memos", "user:ada:1"]],
    finds: ["lost_entry"],
  },
  {
    name: "a memo that upkeep would not find",
    commands: [["ZREM", "memoEnds", "user:ada:1"]],
    finds: ["lost_entry"],
  },
  {
    name: "a memo that upkeep would take away too soon",
    commands: [["ZADD", "memoEnds", "5", "user:ada:1"]],
    finds: ["lost_entry"],
  },
  {
    name: "a memo that Redis would keep for ever",
    commands: [["PERSIST", "memo:user:ada:1"]],
    finds: ["lost_entry"],
  },
  {
    name: "memos of which the lists are lost",
    commands: [["DEL", "memos", "memoEnds"]],
    finds: Array(3).fill("lost_entry"),
  },
  {
    name: "entries of a memo that is gone",
    commands: [["DEL", "memo:user:ada:1"], ["ZADD", "memos", "0", "nothing"]],
    finds: ["stale_entry", "stale_entry", "stale_entry"],
    lost: ["user:ada:1"],
  },
  {
    name: "a memo that cannot be read",
    commands: [["SET", "memo:user:ada:1", `${SECRET}|x`]],
    finds: ["stale_data", "stale_entry", "stale_entry"],
    lost: ["user:ada:1"],
  },
  {
    name: "hits that Redis would keep for ever",
    commands: [["PERSIST", "hits:ada"]],
    finds: ["stale_data"],
  },
];

for (const { name, commands, finds, lost = [] } of cases) {
  testPatient(`check() mends ${name}`, async (patient) => {
    const { store, clock, call } = patient;
    await fill(patient);
    await clock.advance(1);
    assertEquals(await examine(store), [], "nothing is wrong to begin with");
    for (const [verb, ...words] of commands) {
      const keys = verb === "DEL"
        ? words.map((word) => `KEY:${word}`)
        : [`KEY:${words[0]}`, ...words.slice(1)];
      await call(verb!, ...keys);
    }
    const seen = await examine(store);
    const mended = await examine(store, true);
    assert(mended.every(({ repaired }) => repaired));
    for (const found of [seen, mended]) {
      assertEquals(new Set(found.map(({ kind }) => kind)), new Set(finds));
      assert(!JSON.stringify(found).includes(SECRET), "no value is told");
    }
    assertEquals(seen.map(({ kind }) => kind).sort(), finds);
    assertEquals(await examine(store), []);
    const left = KEYS.filter((key) => !lost.includes(key));
    const { memos } = await store.memosUnder("user:", { limit: 10 });
    assertEquals(memos.map(({ key }) => key), left);
    assertEquals((await store.trail("audit", { limit: 1 })).entries[0]?.text, SECRET);
    await clock.advance(5000);
    await store.prune(100);
    assertEquals(await call("EXISTS", "KEY:memos", "KEY:memoEnds"), 0);
  });
}
