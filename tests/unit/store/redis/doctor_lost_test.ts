/** Jobs that are in no place, and places that nobody would find: mended. */

import type { FindingKind } from "../../../../src/store/doctor_stage.ts";
import { child, claim, job, put, settle } from "../../../support/redis/doctor.ts";
import { type Case, testCases } from "../../../support/redis/doctor_cases.ts";

const error = { message: "no" };

const lost: readonly Case[] = [
  {
    name: "a ready job without an entry",
    go: async ({ store, call }) => {
      await put(store, job("a"), job("b"), job("c"));
      await call("LPOP", "KEY:l:q|30t");
    },
    finds: [["lost_entry", "a"]],
    runs: ["a", "b", "c"],
  },
  {
    name: "all of a lane",
    go: async ({ store, call }) => {
      await put(store, job("a"), job("b"));
      await call("DEL", "KEY:l:q|30t", "KEY:idx:q", "KEY:active");
    },
    finds: [["lost_entry", "a"], ["lost_entry", "b"]],
    runs: ["a", "b"],
  },
  {
    name: "a scheduled job in no zset",
    go: async ({ store, call }) => {
      await put(store, job("a", { delayMs: 50 }));
      await call("DEL", "KEY:d:q|t", "KEY:due");
    },
    finds: [["lost_entry", "a"]],
    runs: ["a"],
  },
  {
    name: "a job that is to be retried, in no zset",
    go: async ({ store, call }) => {
      await put(store, job("a"));
      const verdict = { kind: "retry", delayMs: 50, counted: true, error } as const;
      await settle(store, await claim(store), verdict);
      await call("ZREM", "KEY:r:q|t", "30*a");
      await call("DEL", "KEY:due");
    },
    finds: [["lost_entry", "a"]],
    runs: ["a"],
  },
  {
    name: "a deferred job in no zset",
    go: async ({ store, call }) => {
      await put(store, job("p", { delayMs: 50 }), child("a", ["p"]));
      await call("DEL", "KEY:b:q|t");
    },
    finds: [["lost_entry", "a"]],
    runs: ["p", "a"],
  },
  {
    name: "jobs with a number of their own that are not counted",
    go: async ({ store, call }) => {
      const settings = { retention: { maxCount: 3 } };
      await put(store, job("a", { settings }), job("b", { settings }), job("c", { settings }));
      await settle(store, await claim(store));
      await call("ZREM", "KEY:kc:q|t", "a");
      await call("ZREM", "KEY:gc:q|t", "b");
    },
    finds: [["lost_entry", "a"], ["lost_entry", "b"]],
    ends: { a: "completed", b: "completed", c: "completed" },
  },
  {
    name: "completed jobs that are in no list",
    go: async ({ store, call }) => {
      const settings = { retention: { completedMs: 1e9 } };
      await put(store, job("a"), job("b", { settings }), job("c"));
      await settle(store, await claim(store));
      await call("LPOP", "KEY:f:q|t");
      await call("DEL", "KEY:gc:q|t", "KEY:purge");
    },
    finds: [["lost_entry", "b"], ["lost_entry", "c"]],
    ends: { a: "completed", b: "completed", c: "completed" },
  },
  {
    name: "a dead letter and a canceled job that are in no zset",
    go: async ({ store, call }) => {
      await put(store, job("a"), job("b"));
      const [a, b] = await claim(store);
      await settle(store, [a!], { kind: "dead_letter", error });
      await settle(store, [b!], { kind: "cancel", error });
      await call("DEL", "KEY:gd:q|t", "KEY:gx:q|t");
    },
    finds: [["lost_entry", "a"], ["lost_entry", "b"]],
    ends: { a: "dead_letter", b: "canceled" },
  },
  {
    name: "a job that nothing expires, and one that nothing purges",
    go: async ({ store, clock, call }) => {
      await put(store, job("b", { settings: { retention: { completedMs: 1e9 } } }));
      await settle(store, await claim(store));
      await put(store, job("a", { settings: { expireAt: clock.now() + 1e9 } }));
      await call("DEL", "KEY:purge", "KEY:expire");
    },
    finds: [["lost_entry", "a"], ["lost_entry", "b"]],
    runs: ["a"],
  },
  ...[
    ["idx:q", "lost_entry"],
    ["active", "lost_entry"],
    ["lanes", "lost_entry"],
    ["prios:q", "lost_entry"],
    ["pairs", "lost_entry"],
    ["queues", "lost_entry"],
    ["types:q", "lost_entry"],
    ["seq", "wrong_count"],
  ].map(([key, kind]): Case => ({
    name: `the key ${key}, with jobs in a lane`,
    go: async ({ store, call }) => {
      await put(store, job("a"), job("b"));
      await call("DEL", `KEY:${key}`);
    },
    finds: [[kind as FindingKind, null]],
    runs: ["a", "b"],
  })),
  {
    name: "front, with jobs before the line",
    go: async ({ store, call }) => {
      await put(store, job("a", { atFront: true }));
      await call("DEL", "KEY:front");
    },
    finds: [["wrong_count", null]],
    runs: ["a"],
  },
  {
    name: "the times of a lane, of delayed and of completed jobs that are said too late",
    go: async ({ store, call }) => {
      await put(store, job("x"));
      await settle(store, await claim(store));
      await put(store, job("a"), job("b", { delayMs: 50 }));
      await call("ZADD", "KEY:idx:q", "9000000000000000", "30t");
      await call("ZADD", "KEY:due", "9000000000000000", "d:q|t");
      await call("ZADD", "KEY:finals", "9000000000000000", "q|t");
    },
    finds: [["lost_entry", null], ["lost_entry", null], ["lost_entry", null]],
    runs: ["a", "b"],
  },
  {
    name: "due and finals",
    go: async ({ store, call }) => {
      await put(store, job("x"));
      await settle(store, await claim(store));
      await put(store, job("b", { delayMs: 50 }));
      await call("DEL", "KEY:due", "KEY:finals");
    },
    finds: [["lost_entry", null], ["lost_entry", null]],
    runs: ["b"],
  },
];

testCases(lost);
