/** Bugs to plant, and the suites that ought to catch them. */

/** A set of tests. */
export type Suite = "property" | "redis" | "sqlite" | "memory" | "run" | "redis faults";

/** What to hand to the test runner for each suite. */
export const SUITES: Readonly<Record<Suite, readonly string[]>> = {
  property: ["tests/property/property_portable_test.ts"],
  redis: ["tests/conformance/redis_test.ts"],
  sqlite: ["tests/conformance/sqlite_test.ts"],
  memory: ["tests/conformance/memory_test.ts"],
  run: ["tests/unit/run", "tests/unit/claim", "tests/unit/enqueue"],
  "redis faults": ["tests/faults/redis/scripts_test.ts"],
};

/** One bug. */
export interface Planted {
  readonly name: string;
  readonly file: string;
  /** Text that is in the file once. */
  readonly find: string;
  readonly put: string;
  /** Tried in this order until one fails. */
  readonly suites: readonly Suite[];
}

const redis: readonly Suite[] = ["property", "redis"];
const sqlite: readonly Suite[] = ["property", "sqlite"];

/** The bugs: half in Lua, half in TypeScript. */
export const planted: readonly Planted[] = [
  {
    name: "times of a mixed batch are counted for the wrong type",
    file: "lua/settle/settle.lua",
    find: "own[i] = string.sub(marks, 2 * own[i] - 1, 2 * own[i])",
    put: "own[i] = string.sub(marks, 2 * i - 1, 2 * i)",
    suites: redis,
  },
  {
    name: "a fold gives a minute a row more",
    file: "lua/shared/fold.lua",
    find: "local isNew = at ~= minute\n",
    put: "local isNew = true\n",
    suites: redis,
  },
  {
    name: "minutes stay open when they are in the totals",
    file: "src/store/sqlite/insight.ts",
    find: "  db.run(CLOSE_MINUTES, minute);\n",
    put: "",
    suites: sqlite,
  },
  {
    name: "settle does not compare the fence",
    file: "lua/settle/settle.lua",
    find: "if p and string.sub(claim, 1, p - 1) == fence and not seen[id] then",
    put: "if p and not seen[id] then",
    suites: redis,
  },
  {
    name: "settle leaves the lease of what it ended",
    file: "lua/settle/settle.lua",
    find: "redis.call('ZREM', R .. 'leases:' .. server, unpack(list))",
    put: "redis.call('ZSCORE', R .. 'leases:' .. server, list[1])",
    suites: redis,
  },
  {
    name: "promote leaves due jobs among the delayed ones",
    file: "lua/shared/promote.lua",
    find: "redis.call('ZREM', R .. name, unpack(members))",
    put: "redis.call('ZSCORE', R .. name, members[1])",
    suites: redis,
  },
  {
    name: "a child is let go by its first parent",
    file: "lua/shared/kids.lua",
    find: "  if redis.call('EXISTS', pend) == 1 then return end\n",
    put: "",
    suites: redis,
  },
  {
    name: "a job does not note the first of its parents",
    file: "lua/shared/write.lua",
    find: "if #pend > 0 then redis.call('ZADD', R .. 'pend:' .. id, unpack(pend)) end",
    put: "if #pend > 2 then redis.call('ZADD', R .. 'pend:' .. id, unpack(pend, 3)) end",
    suites: redis,
  },
  {
    name: "a canceled job leaves no tombstone in its lane",
    file: "lua/shared/take_out.lua",
    find: "  M.bury(lane, id)\n",
    put: "",
    suites: redis,
  },
  {
    name: "a job with a number of its own takes no others with it",
    file: "lua/shared/finish.lua",
    find: "  M.removeCounted(name, above < 16 and above or 16)\n",
    put: "",
    suites: redis,
  },
  {
    name: "a job that is removed is still counted",
    file: "lua/shared/remove.lua",
    find: "  if ended then uncount(id, record, ended) end\n",
    put: "",
    suites: redis,
  },
  {
    name: "one job more is kept than a number says",
    file: "src/store/sqlite/quotas.ts",
    find: "if (n <= most) return [];",
    put: "if (n <= most + 1) return [];",
    suites: sqlite,
  },
  {
    name: "a canceled claim keeps its lease",
    file: "lua/shared/cancel.lua",
    find: "  for i = 1, #servers do redis.call('ZREM', R .. 'leases:' .. servers[i], id) end\n",
    put: "  for i = 1, #servers do redis.call('ZSCORE', R .. 'leases:' .. servers[i], id) end\n",
    suites: redis,
  },
  {
    name: "a unique key keeps its first owner for ever",
    file: "lua/shared/write.lua",
    find: "if job.key then redis.call('HSET', R .. 'locks', job.key, id) end",
    put: "if job.key then redis.call('HSETNX', R .. 'locks', job.key, id) end",
    suites: redis,
  },
  {
    name: "revive brings back what another parent's failure holds",
    file: "lua/shared/revive.lua",
    find: "if how == 'p' then return nil, how, parent end",
    put: "if how == 'p' then how = nil end",
    suites: redis,
  },
  {
    name: "a repeated claim takes other jobs",
    file: "lua/shared/hold.lua",
    find: "if ARGV[o + 6] == '1' then",
    put: "if ARGV[o + 6] == 'never' then",
    suites: ["redis faults"],
  },
  {
    name: "reap does not count the delivery",
    file: "src/store/sqlite/lease.ts",
    find: "const deliveries = row.deliveries + 1;",
    put: "const deliveries = row.deliveries;",
    suites: sqlite,
  },
  {
    name: "settle on SQLite does not compare the fence",
    file: "src/store/sqlite/settle.ts",
    find: "row.status !== STATUS_CODE.processing || row.fence !== outcome.fence",
    put: "row.status !== STATUS_CODE.processing",
    suites: sqlite,
  },
  {
    name: "a failed counted retry is not counted",
    file: "src/store/sqlite/settle.ts",
    find: "row.retry_count + (counted ? 1 : 0)",
    put: "row.retry_count",
    suites: sqlite,
  },
  {
    name: "an id makes room while its job still runs",
    file: "src/store/sqlite/enqueue_checked.ts",
    find: "unique.key !== null || !IS_FINAL.has(old.status)",
    put: "unique.key !== null || IS_WAITING.has(old.status)",
    suites: sqlite,
  },
  {
    name: "a job that a paused type holds back is claimed",
    file: "src/store/memory/state.ts",
    find: "[[queue, null], [null, type], [queue, type]]",
    put: "[[queue, null], [queue, type]]",
    suites: ["property", "memory"],
  },
  {
    name: "outcomes of a settle that failed are forgotten",
    file: "src/run/pool.ts",
    find: "      this.#finished.unshift(...finished);\n",
    put: "",
    suites: ["run"],
  },
  {
    name: "a lease keeper lets go of a job by its id alone",
    file: "src/claim/lease.ts",
    find: "    if (held?.fence !== hold.fence) return undefined;\n",
    put: "    if (held === undefined) return undefined;\n",
    suites: ["run"],
  },
  {
    name: "a canceled handler's end is told to nobody",
    file: "src/run/pool.ts",
    find: "    if (canceled !== undefined) {",
    put: "    if (canceled !== undefined && verdict !== undefined) {",
    suites: ["run"],
  },
];
