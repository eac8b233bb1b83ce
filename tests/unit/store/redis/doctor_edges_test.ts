/** Edges, keys, groups and records that were broken by hand: mended. */

import { assert, assertEquals } from "@std/assert";
import type { NewJob } from "../../../../src/store/store.ts";
import {
  child,
  claim,
  examine,
  job,
  LARGE,
  type Patient,
  put,
  runAll,
  settle,
  testPatient,
} from "../../../support/redis/doctor.ts";
import { type Case, testCases } from "../../../support/redis/doctor_cases.ts";

const error = { message: "no" };

/** A parent that ended in some way, of which the children were not told. */
async function untold({ store, call }: Patient, how: "c" | "d" | "gone"): Promise<void> {
  await put(store, job("p"), child("stays", ["p"]), child("falls", ["p"], "cancel"));
  await call("RENAME", "KEY:kids:p", "KEY:hidden");
  await call("HDEL", "KEY:family", "p");
  if (how === "gone") {
    await store.act(["p"], { kind: "remove" });
  } else {
    const held = await claim(store);
    const verdict = { kind: "dead_letter", error } as const;
    await settle(store, held, how === "c" ? undefined : verdict);
    await call("RENAME", "KEY:hidden", "KEY:kids:p");
    await call("HSET", "KEY:family", "p", "");
  }
  await call("DEL", "KEY:hidden");
}

const cases: readonly Case[] = [
  {
    name: "children of a parent that completed",
    go: (patient) => untold(patient, "c"),
    finds: [["stuck_child", "falls"], ["stuck_child", "stays"]],
    after: { stays: "ready", falls: "ready" },
  },
  {
    name: "children of a parent that failed",
    go: (patient) => untold(patient, "d"),
    finds: [["stuck_child", "falls"], ["stuck_child", "stays"]],
    after: { stays: "ready", falls: "canceled" },
  },
  {
    name: "children of a parent that is gone",
    go: (patient) => untold(patient, "gone"),
    finds: [["stale_entry", "p"], ["stuck_child", "falls"], ["stuck_child", "stays"]],
    after: { stays: "ready", falls: "canceled" },
  },
  {
    name: "a child that waits for nothing",
    go: async ({ store, call }) => {
      await put(store, job("p"), child("a", ["p"]));
      await call("DEL", "KEY:pend:a");
    },
    finds: [["stuck_child", "a"]],
    after: { a: "ready", p: "ready" },
  },
  {
    name: "a child that its parent does not know of",
    go: async ({ store, call }) => {
      await put(store, job("p"), child("a", ["p"]), child("b", ["p"]));
      await call("ZREM", "KEY:kids:p", "a");
    },
    finds: [["stuck_child", "a"]],
    after: { a: "deferred", b: "deferred" },
  },
  {
    name: "an only child that its parent does not know of",
    go: async ({ store, call }) => {
      await put(store, job("p"), job("q"), child("a", ["p"]), child("b", ["q"]));
      await call("HDEL", "KEY:family", "p");
      await call("HSET", "KEY:family", "q", "rubbish");
    },
    finds: [
      ["stale_edge", "q"],
      ["stale_entry", "p"],
      ["stuck_child", "a"],
      ["stuck_child", "b"],
    ],
    after: { a: "deferred", b: "deferred" },
  },
  {
    name: "jobs with children that are not among those with children, or wrongly",
    go: async ({ store, call }) => {
      await put(store, job("p"), job("q"), child("a", ["p"]), child("b", ["q"]));
      await put(store, job("other", { type: "u" }));
      await call("DEL", "KEY:kin:q|t");
      await call("ZADD", "KEY:kin:q|t", "1", "a", "1", "gone");
      await call("ZADD", "KEY:kin:q|u", "1", "p");
    },
    finds: [
      ["lost_entry", "p"],
      ["lost_entry", "q"],
      ["stale_entry", "a"],
      ["stale_entry", "gone"],
      ["stale_entry", "p"],
    ],
    after: { a: "deferred", b: "deferred" },
  },
  {
    name: "a child that waits for a draft that is gone",
    go: async ({ store, call }) => {
      await put(store, job("p"), child("a", ["p"]));
      await call("ZADD", "KEY:pend:a", "5", "#gone");
    },
    finds: [["stuck_child", "a"]],
    after: { a: "deferred" },
  },
  {
    name: "unique keys of jobs that are gone, or do not have them",
    go: async ({ store, call }) => {
      const settings = { unique: { key: "k", until: "finished" } } as NewJob["settings"];
      await put(store, job("a", { settings }));
      await call("HSET", "KEY:locks", "other", "a", "more", "nobody");
    },
    finds: [["dangling_key", "a"], ["dangling_key", "nobody"]],
    after: { a: "ready" },
  },
  {
    name: "edges of jobs that are gone",
    go: async ({ store, call }) => {
      await put(store, job("p"), child("a", ["p"]));
      await call("ZADD", "KEY:kids:nobody", "5", "a");
      await call("HSET", "KEY:family", "nobody", "", "alone", "", "lone", "5 a");
      await call("ZADD", "KEY:pend:none", "5", "p");
      await call("HSET", "KEY:relay", "ghost", "o|0|99");
      await call("RPUSH", "KEY:draftIds:g1", "a");
      await call("HSET", "KEY:draft:g2", "said:0", "w");
      await call("ZADD", "KEY:kids:#g3", "5", "a");
    },
    finds: [
      ["stale_edge", null],
      ["stale_edge", null],
      ["stale_edge", null],
      ...["alone", "ghost", "lone", "nobody", "none"].map((id) => ["stale_edge", id] as const),
    ],
    after: { p: "ready", a: "deferred" },
  },
  {
    name: "what children are to be told, where it cannot be read",
    go: async ({ store, call }) => {
      await put(store, job("p"), child("a", ["p"]));
      await call("HSET", "KEY:relay", "p", "rubbish");
    },
    finds: [["stale_edge", "p"]],
    after: { p: "ready", a: "deferred" },
  },
  {
    name: "a record that cannot be read",
    go: async ({ store, call }) => {
      await put(store, job("a"), job("p"), child("b", ["p"]), job("c", { payload: LARGE }));
      await call("HSET", "KEY:jobs", "a", "rubbish", "p", '5|30||q|t\n{"x"\n1');
      const [record] = await call("HMGET", "KEY:jobs", "c") as string[];
      await call("HSET", "KEY:jobs", "c", record!.replace(/^\d+/, ""));
    },
    // What is left of those that were moved away is found by and by.
    finds: [["broken_record", "a"], ["broken_record", "c"], ["broken_record", "p"]],
    after: { a: undefined, p: undefined, b: "ready", c: undefined },
  },
  {
    name: "a state that cannot be read",
    go: async ({ store, call }) => {
      await put(store, job("a"), job("b"));
      await settle(store, await claim(store));
      await call("HSET", "KEY:state", "a", "c|x");
      await call("HSET", "KEY:state", "b", 'c|0|1|0|5||\nc|5|1|s|p|{"mess');
    },
    finds: [["broken_record", "a"], ["broken_record", "b"]],
    after: { a: undefined, b: undefined },
  },
];

testCases(cases);

testPatient("check() keeps what cannot be read, with its payload", async ({ store, call }) => {
  await put(store, job("a", { payload: LARGE }));
  const record = await call("HGET", "KEY:jobs", "a") as string;
  await call("HSET", "KEY:jobs", "a", `x${record}`);
  const [first] = await examine(store, true);
  assert(first!.text.includes("hash broken"));
  assertEquals(await call("HGET", "KEY:broken", "a"), `x${record}`);
  const name = /;b([^;]+);/.exec(record)![1];
  assertEquals(await call("EXISTS", `KEY:big:${name}`), 1);
});

testPatient("check() tells of a child that is early, and leaves it alone", async (patient) => {
  const { store, call } = patient;
  await put(store, job("p", { delayMs: 50 }), child("a", ["p"]));
  await call("ZADD", "KEY:pend:a", "0", "p");
  await call("ZREM", "KEY:b:q|t", "a");
  await call("RPUSH", "KEY:l:q|30t", `${await call("INCR", "KEY:seq")}!a`);
  await call("ZADD", "KEY:idx:q", "3000000000000001", "30t");
  await call("ZADD", "KEY:active", "0", "q");
  await call("SADD", "KEY:lanes", "q|30t");
  await call("SADD", "KEY:prios:q", "30");
  const early = [["early_child", "a", false]];
  for (const _ of [1, 2]) {
    const found = await examine(store, true);
    assertEquals(found.map(({ kind, id, repaired }) => [kind, id, repaired]), early);
  }
  const held = await claim(store);
  assertEquals((await examine(store, true)).map(({ kind, id }) => [kind, id]), [[
    "early_child",
    "a",
  ]]);
  await settle(store, held);
  await runAll(patient);
  assertEquals(await examine(store), []);
});

testPatient(
  "check() removes a group that was given up long ago",
  async ({ store, clock, call }) => {
    await put(store, job("a"));
    await call("ZADD", "KEY:drafts", String(clock.now() + 60_000), "g");
    await call("ZADD", "KEY:kids:#g", "1", "a");
    await call("HSET", "KEY:family", "#g", "");
    await call("RPUSH", "KEY:draftIds:g", "a");
    await clock.advance(60_001);
    assertEquals(await examine(store, true), [], "upkeep will see to it");
    await clock.advance(600_000);
    const found = await examine(store, true);
    assertEquals(found.map(({ kind, id }) => [kind, id]), [["stale_edge", null]]);
    assertEquals(await examine(store, true), []);
    assertEquals(
      (await store.getJobs(["a"]))[0]?.status,
      "ready",
      "it does not wait for the draft",
    );
  },
);
