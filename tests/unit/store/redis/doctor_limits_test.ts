/** What limits are judged by, when it is wrong: mended. */

import { claim, job, put, start } from "../../../support/redis/doctor.ts";
import { type Case, testCases } from "../../../support/redis/doctor_cases.ts";

const keyed = (id: string) => job(id, { settings: { limitKey: "k" } });

const broken: readonly Case[] = [
  {
    name: "a slot that nobody holds, so that its type would never have room",
    go: async ({ store, call }) => {
      await store.setLimit({ type: "t" }, { concurrency: 1 });
      await put(store, job("a"));
      await call("ZADD", "KEY:slots:t:t", "0", "\nnobody");
    },
    finds: [["wrong_slot", "nobody"]],
    runs: ["a"],
  },
  {
    name: "slots of a key that nobody holds, so that its jobs would stay parked",
    go: async ({ store, call }) => {
      await store.setLimit({ key: "k" }, { concurrency: 1 });
      await store.setLimit({ type: "t", perKey: true }, { concurrency: 1 });
      await put(store, keyed("a"), keyed("b"));
      await call("ZADD", "KEY:slots:k:k", "0", "\nnobody");
      await call("ZADD", "KEY:slots:p:t", "0", "k\nnobody");
      await claim(store);
    },
    finds: [["wrong_slot", "nobody"], ["wrong_slot", "nobody"]],
    runs: ["a", "b"],
  },
  {
    name: "a claim without its slots",
    go: async ({ store, call }) => {
      await store.setLimit({ type: "t" }, { concurrency: 5 });
      await store.setLimit({ key: "k" }, { concurrency: 5 });
      await start(store, keyed("held"));
      await call("DEL", "KEY:slots:t:t", "KEY:slots:k:k");
    },
    finds: [["wrong_slot", "held"], ["wrong_slot", "held"]],
  },
  {
    name: "parked entries of jobs that are gone or run, and what names an empty line",
    go: async ({ store, call }) => {
      await store.setLimit({ key: "k" }, { concurrency: 1 });
      await start(store, keyed("held"));
      await put(store, keyed("a"));
      await claim(store);
      for (const id of ["nobody", "held"]) await call("ZADD", "KEY:p:q|30t", "7", id);
      await call("ZADD", "KEY:pk:z\nq|30t", "7", "other");
      await call("ZADD", "KEY:parked", "0", "y\nq|30t");
    },
    finds: [
      ["stale_entry", null],
      ["stale_entry", "held"],
      ["stale_entry", "nobody"],
      ["stale_entry", "other"],
    ],
    runs: ["a"],
  },
  {
    name: "a job that stays parked though its key has room",
    go: async ({ store, call }) => {
      await store.setLimit({ key: "k" }, { concurrency: 1 });
      await start(store, keyed("held"));
      await put(store, keyed("a"), keyed("b"));
      await claim(store);
      await call("HSET", "KEY:limits", "k:k", "5|||");
    },
    finds: [["stuck_job", "a"]],
    runs: ["a", "b"],
  },
  {
    name: "a parked job that its key does not know of",
    go: async ({ store, call }) => {
      await store.setLimit({ key: "k" }, { concurrency: 1 });
      await start(store, keyed("held"));
      await put(store, keyed("a"));
      await claim(store);
      await call("DEL", "KEY:pk:k\nq|30t", "KEY:parked");
    },
    finds: [["lost_entry", "a"]],
    runs: ["a"],
  },
];

testCases(broken);
