/** Places and data that stand for nothing or for a job elsewhere: mended. */

import { claim, job, LARGE, put, settle, start } from "../../../support/redis/doctor.ts";
import { type Case, testCases } from "../../../support/redis/doctor_cases.ts";

const crowd = Array.from({ length: 9 }, (_, i) => job(`c${i}`));

const stale: readonly Case[] = [
  {
    name: "marks of servers that are not there, and marks that cannot be read",
    go: async ({ store, clock, call }) => {
      await put(store, job("a"), job("b"));
      await claim(store, { limit: 1, ahead: 1 });
      const now = String(clock.now() * 1000);
      // The last one's server may have just begun.
      const marks = ["gone|p", "7", "s", now, "s|q", "no", "new|p", now];
      await call("HSET", "KEY:startMarks", ...marks);
    },
    finds: [["stale_data", null], ["stale_data", null], ["stale_data", null]],
    runs: ["a", "b"],
  },
  {
    name: "entries of a lane that stand for nothing, for others, or cannot be read",
    go: async ({ store, call }) => {
      await put(store, ...crowd, job("later", { delayMs: 50 }), job("other", { priority: 3 }));
      await start(store, job("held"));
      const ids = ["nobody", "later", "other", "held"];
      for (const id of ids) {
        await call("RPUSH", "KEY:l:q|30t", `${await call("INCR", "KEY:seq")}|${id}`);
      }
      await call("LINSERT", "KEY:l:q|30t", "AFTER", "3|c2", "garbage");
    },
    finds: [
      ["stale_entry", null],
      ...["held", "later", "nobody", "other"].map((id) => ["stale_entry", id] as const),
    ],
    runs: ["c0", "c8", "later", "other", "held"],
  },
  {
    name: "a job twice in its lane",
    go: async ({ store, call }) => {
      await put(store, job("a"), job("b"));
      await call("RPUSH", "KEY:l:q|30t", `${await call("INCR", "KEY:seq")}|a`);
    },
    finds: [["double_entry", "a"]],
    runs: ["a", "b"],
  },
  {
    name: "entries of a lane that are not in order",
    go: async ({ store, call }) => {
      await put(store, ...crowd);
      await call("LSET", "KEY:l:q|30t", "2", "900|c2");
      await call("LSET", "KEY:l:q|30t", "6", "1|c6");
    },
    finds: [["stale_entry", "c2"], ["stale_entry", "c6"]],
    runs: ["c0", "c2", "c6", "c8"],
  },
  {
    name: "counts of jobs that are not there, not final or have no number of their own",
    go: async ({ store, call }) => {
      const settings = { retention: { maxCount: 3 } };
      await put(store, job("plain"), job("own", { settings }));
      await settle(store, await claim(store));
      await put(store, job("ready", { settings }));
      for (const id of ["nobody", "plain", "ready"]) await call("ZADD", "KEY:kc:q|t", "5", id);
      await call("ZADD", "KEY:kd:q|t", "5", "own");
    },
    finds: ["nobody", "own", "plain", "ready"].map((id) => ["stale_entry", id] as const),
    runs: ["ready"],
  },
  {
    name: "entries of completed jobs that stand for nothing or for others",
    go: async ({ store, call }) => {
      await put(store, job("done"), job("own", { settings: { retention: { completedMs: 1e9 } } }));
      await settle(store, await claim(store));
      await put(store, job("ready"));
      for (const id of ["nobody", "ready", "own", "done"]) {
        await call("LPUSH", "KEY:f:q|t", `${await call("INCR", "KEY:fence")}|${id}`);
      }
      await call("RPUSH", "KEY:f:q|t", "garbage");
    },
    finds: [
      ["double_entry", "done"],
      ["double_entry", "own"],
      ["stale_entry", null],
      ["stale_entry", "nobody"],
      ["stale_entry", "ready"],
    ],
    runs: ["ready"],
    ends: { done: "completed", own: "completed" },
  },
  {
    name: "members of d and r that stand for nothing or for others",
    go: async ({ store, call }) => {
      await put(store, job("a", { delayMs: 50 }), job("ready"));
      for (const key of ["d", "r"]) {
        for (const id of ["30|nobody", "30|ready", "rubbish"]) {
          await call("ZADD", `KEY:${key}:q|t`, "5", id);
        }
      }
      await call("ZADD", "KEY:r:q|t", "5", "30*a");
      await call("ZADD", "KEY:due", "5", "d:q|t", "5", "r:q|t", "5", "r:none|t");
    },
    finds: [
      ["double_entry", "a"],
      ...[null, null, null, "nobody", "nobody", "ready", "ready"].map((id) =>
        ["stale_entry", id] as const
      ),
    ],
    runs: ["a", "ready"],
  },
  {
    name: "a scheduled job whose member says another priority",
    go: async ({ store, call }) => {
      await put(store, job("a", { delayMs: 50 }));
      const [due] = (await call("ZRANGE", "KEY:d:q|t", "0", "0", "WITHSCORES") as string[]).slice(
        1,
      );
      await call("ZADD", "KEY:d:q|t", due!, "07|a");
      await call("ZREM", "KEY:d:q|t", "30|a");
    },
    finds: [["lost_entry", "a"], ["stale_entry", "a"]],
    ends: { a: "scheduled" },
    runs: ["a"],
  },
  {
    name: "members of b, g, purge and expire that stand for nothing or for others",
    go: async ({ store, call }) => {
      await put(store, job("a"));
      for (const key of ["b:q|t", "gc:q|t", "gd:q|t", "gx:q|t", "purge", "expire"]) {
        await call("ZADD", `KEY:${key}`, "9e15", "a", "9e15", "nobody");
      }
    },
    // Who is taken out of a g zset is taken out of purge.
    finds: [...Array(6).fill(["stale_entry", "a"]), ...Array(6).fill(["stale_entry", "nobody"])],
    runs: ["a"],
  },
  {
    name: "tombstones without entries, and a wrong number of them",
    go: async ({ store, call }) => {
      await put(store, ...crowd, job("a"));
      await store.act(["a"], { kind: "remove" });
      await call(
        "HSET",
        "KEY:tombs",
        "l|30t",
        "7",
        "q|30t\nnobody",
        "2:0:99",
        "q|30t\na",
        "3:0:99",
      );
    },
    finds: [["stale_entry", "a"], ["stale_entry", "nobody"], ["wrong_count", null], [
      "wrong_count",
      null,
    ]],
    runs: ["c0", "c8"],
  },
  {
    name: "a claim of nobody, a claim of one that has ended, and leases of nobody",
    go: async ({ store, call }) => {
      await put(store, job("done"));
      await settle(store, await claim(store));
      await start(store, job("held"));
      const text = await call("HGET", "KEY:claims", "held") as string;
      await call("HSET", "KEY:claims", "nobody", text, "done", text);
      await call("ZADD", "KEY:leases:s", "5", "ghost");
      await call("ZADD", "KEY:leases:other", "5", "held");
    },
    finds: [
      ["double_entry", "done"],
      ["stale_entry", "nobody"],
      ["stale_lease", "ghost"],
      ["stale_lease", "held"],
    ],
    runs: ["held"],
    ends: { done: "completed" },
  },
  ...[
    ["has no lease", "ZREM KEY:leases:s a"],
    ["has a lease without an end", "ZADD KEY:leases:s inf a"],
    ["is of a server that nobody knows", "DEL KEY:servers"],
    ["is in leases that are gone", "DEL KEY:leases:s"],
    ["cannot be read", "HSET KEY:claims a rubbish"],
  ].map(([name, command]): Case => ({
    name: `a claim that ${name}`,
    go: async ({ store, call }) => {
      await put(store, job("a"));
      await claim(store);
      await call(...command!.split(" "));
    },
    finds: [["lost_lease", "a"]],
    runs: ["a"],
  })),
  {
    name: "what is left of jobs that are gone",
    go: async ({ store, call }) => {
      await put(store, job("a", { payload: LARGE }), job("b"));
      await call("HSET", "KEY:state", "nobody", "w|0|0|0|0||");
      await call("HSET", "KEY:told", "nobody", "5|");
      await call("RPUSH", "KEY:log:nobody", "5|x");
      await call("SET", "KEY:res:nobody:5", "nobody:5\n1");
      await call("SET", "KEY:res:b:5", "b:5\n1");
      await call("SET", "KEY:big:none.1", "none.1\n1");
      await call("SET", "KEY:big:young.1", "young.1\n1", "EX", "60");
      await call("SET", "KEY:res:young:1", "young:1\n1", "EX", "60");
    },
    finds: [["stale_data", null], ["stale_data", "b"], ...Array(4).fill(["stale_data", "nobody"])],
    runs: ["a", "b"],
  },
];

testCases(stale);
