import { assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { DuplicatePoolError, JobTypeConflictError } from "../../../src/run/errors.ts";
import type { HandlerEntry } from "../../../src/run/handler.ts";
import { type OpenThreads, planPools, type PoolOptions } from "../../../src/run/pool_plan.ts";
import type { ThreadPool } from "../../../src/run/thread_pool.ts";

const CORES = 4;

/** `a` is a handler, `a*3` one with a concurrency of 3. */
function handlers(names: string): HandlerEntry[] {
  return names.split(" ").filter(Boolean).map((name) => {
    const [type = "", concurrency] = name.split("*");
    const options = concurrency === undefined ? {} : { concurrency: Number(concurrency) };
    return { type, handler: () => {}, options };
  });
}

/** `pool×slots[queue: types | …]`, `…` standing for all queues that are not named. */
function shown(pools: readonly PoolOptions[], names: string): string[] {
  return planPools(pools, handlers(names), CORES).map(({ name, concurrency, sources }) => {
    const list = sources.map(({ queue, types }) => `${queue ?? "…"}: ${types.join(" ")}`);
    return `${name}×${concurrency}[${list.join(" | ")}]`;
  });
}

const table: readonly [string, PoolOptions[], string, string[]][] = [
  ["there are no handlers", [], "", []],
  ["there are handlers and no pools", [], "a b", ["default×4[…: a b]"]],
  ["a pool has no handlers", [{ name: "p", types: ["a"] }], "", []],
  ["a pool takes one type of two", [{ name: "p", types: ["a"], concurrency: 2 }], "a b", [
    "p×2[…: a]",
    "default×4[…: b]",
  ]],
  ["pools take all types", [{ name: "p", types: ["a", "b"] }], "a b", ["p×4[…: a b]"]],
  ["a pool names a type without handler", [{ name: "p", types: ["a", "x"] }], "a", ["p×4[…: a]"]],
  ["a pool names only types without handler", [{ name: "p", types: ["x"] }], "a", [
    "default×4[…: a]",
  ]],
  ["a pool names queues", [{ name: "p", types: ["a"], queues: ["q", "r"] }], "a", [
    "p×4[q: a | r: a]",
  ]],
  [
    "two pools share a type on different queues",
    [
      { name: "p", types: ["a"], queues: ["q"] },
      { name: "r", types: ["a"], queues: ["s"] },
    ],
    "a",
    ["p×4[q: a]", "r×4[s: a]"],
  ],
  ["a handler has a concurrency", [], "a*3 b", ["a×3[…: a]", "default×4[…: b]"]],
  ["every handler has a concurrency", [], "a*1 b*2", ["a×1[…: a]", "b×2[…: b]"]],
  ["a catch-all has no types", [{ name: "rest" }], "a b", ["rest×4[…: a b]"]],
  ["a catch-all has the type *", [{ name: "rest", types: ["*"] }], "a", ["rest×4[…: a]"]],
  ["a catch-all has nothing left", [{ name: "p", types: ["a"] }, { name: "rest" }], "a", [
    "p×4[…: a]",
  ]],
  ["a catch-all gets the rest", [{ name: "rest" }, { name: "p", types: ["a"] }], "a b*2 c", [
    "p×4[…: a]",
    "b×2[…: b]",
    "rest×4[…: c]",
  ]],
  [
    "a catch-all stands beside a pool on one queue",
    [
      { name: "p", types: ["a"], queues: ["q"] },
      { name: "rest" },
    ],
    "a b",
    ["p×4[q: a]", "rest×4[q: b | …: a b]"],
  ],
  [
    "a catch-all stands beside pools on several queues",
    [
      { name: "p", types: ["a"], queues: ["q"] },
      { name: "r", types: ["b"], queues: ["q", "s"] },
      { name: "rest" },
    ],
    "a b c",
    ["p×4[q: a]", "r×4[q: b | s: b]", "rest×4[q: c | s: a c | …: a b c]"],
  ],
  ["a catch-all has queues", [{ name: "rest", queues: ["q"] }], "a b", ["rest×4[q: a b]"]],
  [
    "a catch-all has queues that another pool takes",
    [
      { name: "p", types: ["a"], queues: ["q"] },
      { name: "rest", queues: ["q", "s"] },
    ],
    "a b",
    ["p×4[q: a]", "rest×4[q: b | s: a b]"],
  ],
  [
    "a catch-all keeps off a queue that is wholly taken",
    [
      { name: "p", types: ["a"], queues: ["q"] },
      { name: "rest" },
    ],
    "a",
    ["p×4[q: a]", "rest×4[q:  | …: a]"],
  ],
  [
    "types are named as properties of Object",
    [{ name: "p", types: ["toString"] }],
    "toString __proto__",
    [
      "p×4[…: toString]",
      "default×4[…: __proto__]",
    ],
  ],
];

for (const [when, pools, names, expected] of table) {
  Deno.test(`planPools divides the types when ${when}`, () => {
    assertEquals(shown(pools, names), expected);
  });
}

const conflicts: readonly [string, PoolOptions[], string, RegExp][] = [
  [
    "two pools take a type from all queues",
    [
      { name: "p", types: ["a"] },
      { name: "r", types: ["a"] },
    ],
    "a",
    /'a' is taken by 'p' and 'r'/,
  ],
  [
    "one takes it from a queue, the next from all",
    [
      { name: "p", types: ["a"], queues: ["q"] },
      { name: "r", types: ["a"] },
    ],
    "a",
    /'a' is taken by 'p' and 'r'/,
  ],
  [
    "one takes it from all queues, the next from one",
    [
      { name: "p", types: ["a"] },
      { name: "r", types: ["a"], queues: ["q"] },
    ],
    "a",
    /'a' is taken by 'p' and 'r'/,
  ],
  [
    "two take it from the same queue",
    [
      { name: "p", types: ["a"], queues: ["q", "s"] },
      { name: "r", types: ["a", "b"], queues: ["t", "s"] },
    ],
    "a b",
    /'a' is taken by 'p' and 'r'/,
  ],
  [
    "a handler with a concurrency is in a pool too",
    [{ name: "p", types: ["a"] }],
    "a*2",
    /'a' is taken by 'p' and 'a'/,
  ],
  [
    "there are two catch-alls",
    [{ name: "p" }, { name: "r", types: ["*"] }],
    "a",
    /'\*' is taken by 'p' and 'r'/,
  ],
];

for (const [when, pools, names, message] of conflicts) {
  Deno.test(`planPools throws JobTypeConflictError when ${when}`, () => {
    const error = assertThrows(() => shown(pools, names));
    assertInstanceOf(error, JobTypeConflictError);
    assertEquals(error.code, "JOB_TYPE_CONFLICT");
    assertMatch(error.message, message);
  });
}

Deno.test("planPools throws DuplicatePoolError when a pool has the name of a handler's own", () => {
  const error = assertThrows(
    () => shown([{ name: "a", types: ["b"] }], "a*2 b"),
    DuplicatePoolError,
  );
  assertEquals(error.code, "DUPLICATE_POOL");
});

Deno.test("planPools runs what is left over when a pool named default leaves types over", () => {
  const pools = [{ name: "default", types: ["a"] }];
  const [own, rest, ...others] = planPools(pools, handlers("a b"), CORES);
  assertEquals([own?.name, own?.sources], ["default", [{ queue: null, types: ["a"] }]]);
  assertEquals([rest?.sources, others], [[{ queue: null, types: ["b"] }], []]);
  assertEquals(rest?.name === "default", false, "a name of its own");
});

Deno.test("planPools accepts a pool named default when it leaves nothing over", () => {
  assertEquals(shown([{ name: "default", types: ["a"] }], "a"), ["default×4[…: a]"]);
  assertEquals(shown([{ name: "default" }], "a"), ["default×4[…: a]"]);
});

Deno.test("planPools prefers no queue when a pool names none", () => {
  const [plan] = planPools([{ name: "rest", strategy: "strict" }], handlers("a"), CORES);
  assertEquals(plan?.strategy, "round_robin");
});

for (const strategy of ["strict", "round_robin", "weighted", undefined] as const) {
  Deno.test(`planPools keeps the strategy ${strategy} when a pool names queues`, () => {
    const pool = { name: "p", types: ["a"], queues: ["q", "r"], strategy };
    const [plan] = planPools([pool], handlers("a"), CORES);
    assertEquals(plan?.strategy, strategy ?? "weighted");
  });
}

Deno.test("planPools gives each type to at most one pool on every queue", () => {
  const pools: PoolOptions[] = [
    { name: "p", types: ["a", "b"], queues: ["q"] },
    { name: "r", types: ["a"], queues: ["s", "t"] },
    { name: "rest" },
  ];
  const plans = planPools(pools, handlers("a b c d*2"), CORES);
  for (const queue of ["q", "s", "t", "other"]) {
    for (const type of ["a", "b", "c", "d"]) {
      const takers = plans.filter(({ sources }) => {
        const own = sources.find((source) => source.queue === queue) ??
          sources.find((source) => source.queue === null);
        return own?.types.includes(type) === true;
      });
      assertEquals(takers.length, 1, `${type} on ${queue}: ${takers.map(({ name }) => name)}`);
    }
  }
});

/** As `shown`, with pools that are threads: their types by name. */
function shownWithThreads(
  pools: readonly PoolOptions[],
  names: string,
  types: Readonly<Record<string, readonly string[]>>,
): string[] {
  const open = new Map(
    Object.entries(types).map(([name, types]): [string, OpenThreads] => {
      return [name, { pool: {} as ThreadPool, handlers: {}, types }];
    }),
  );
  return planPools(pools, handlers(names), CORES, open).map(({ name, sources, threads }) => {
    const list = sources.map(({ queue, types }) => `${queue ?? "…"}: ${types.join(" ")}`);
    return `${name}${threads === undefined ? "" : "!"}[${list.join(" | ")}]`;
  });
}

const threaded: readonly [string, PoolOptions[], string, string[], string[]][] = [
  ["threads are all there is", [{ name: "t" }], "", ["a", "b"], ["t![…: a b]"]],
  ["threads stand beside handlers", [{ name: "t" }], "b", ["a"], ["t![…: a]", "default[…: b]"]],
  ["threads stand beside a catch-all", [{ name: "t" }, { name: "rest" }], "b c", ["a"], [
    "t![…: a]",
    "rest[…: b c]",
  ]],
  ["threads take a handler's type on one queue", [{ name: "t", queues: ["q"] }], "a b", ["a"], [
    "t![q: a]",
    "default[q: b | …: a b]",
  ]],
  [
    "a plain pool takes a type of threads elsewhere",
    [
      { name: "t", queues: ["q"] },
      { name: "p", types: ["a"], queues: ["r"] },
    ],
    "a",
    ["a"],
    ["t![q: a]", "p[r: a]"],
  ],
];

for (const [when, pools, names, types, expected] of threaded) {
  Deno.test(`planPools divides the types when ${when}`, () => {
    assertEquals(shownWithThreads(pools, names, { t: types }), expected);
  });
}

const clashes: readonly [string, PoolOptions[], string, RegExp][] = [
  ["threads take a handler's type everywhere", [{ name: "t" }], "a", /'t' and 'default'/],
  [
    "threads take a handler's type on all queues of the catch-all",
    [
      { name: "t", queues: ["q"] },
      { name: "rest", queues: ["q"] },
    ],
    "a",
    /'t' and 'rest'/,
  ],
  [
    "threads and a plain pool take a type from one queue",
    [
      { name: "t", queues: ["q"] },
      { name: "p", types: ["a"], queues: ["q"] },
    ],
    "a",
    /'t' and 'p'/,
  ],
];

for (const [when, pools, names, message] of clashes) {
  Deno.test(`planPools throws JobTypeConflictError when ${when}`, () => {
    const error = assertThrows(
      () => shownWithThreads(pools, names, { t: ["a"] }),
      JobTypeConflictError,
    );
    assertMatch(error.message, message);
  });
}

Deno.test("planPools gives each queue its weight, or 1, when there are weights", () => {
  const pool = { name: "p", types: ["a"], queues: ["toString", "q", "r"], weights: { q: 5 } };
  assertEquals(planPools([pool], handlers("a"), CORES)[0]?.weights, [1, 5, 1]);
  const plain = { name: "p", types: ["a"], queues: ["q", "r"] };
  assertEquals(planPools([plain], handlers("a"), CORES)[0]?.weights, undefined);
});
