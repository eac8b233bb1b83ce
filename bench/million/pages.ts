/**
 * What a page of a list of a million jobs costs, wherever in the list it is.
 *
 *   deno run -A $(deno run -A tools/std.ts) bench/million/pages.ts [redis|sqlite] [--jobs N]
 *
 * Exits with 1 if a page takes a store more than 20 ms: of CPU of Redis, or of this process.
 */

import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { type PageQuery, redisStore, sqliteStore, type Store } from "../../mod.ts";
import { median } from "../median.ts";
import { OwnRedis } from "../redis/own_redis.ts";
import { machine } from "../stores.ts";
import { settle } from "./fill.ts";
import { jobs } from "./jobs.ts";
import { wantedKinds } from "./kinds.ts";

/** Most milliseconds of a page. */
const BAR_MS = 20;
const CALLS = 25;
const LIMIT = 100;
const BATCH = 1000;
const TYPES = 50;
/** Nothing is removed meanwhile. */
const retention = { maxCount: 100_000_000 };

/** A list of jobs, and how they came to be in it. */
interface List {
  readonly name: string;
  readonly status: PageQuery["status"];
  readonly types: number;
}

const lists: readonly List[] = [
  { name: "ready, 1 type", status: "ready", types: 1 },
  { name: `ready, ${TYPES} types`, status: "ready", types: TYPES },
  { name: "scheduled, 1 type", status: "scheduled", types: 1 },
  { name: "completed, 1 type", status: "completed", types: 1 },
  { name: `completed, ${TYPES} types`, status: "completed", types: TYPES },
];

async function fill(store: Store, { status, types }: List, count: number): Promise<void> {
  const names = Array.from({ length: types }, (_, i) => `t${i}`);
  const delay = status === "scheduled" ? { delayMs: 86_400_000 } : {};
  for (let at = 0; at < count; at += BATCH) {
    const some = jobs(Math.min(BATCH, count - at), { queue: "q", ...delay });
    await store.enqueue(some.map((job) => {
      return [{ ...job, type: names[Math.floor(Math.random() * types)]! }];
    }));
    if (status !== "completed") continue;
    const { jobs: held } = await store.claim({
      server: "bench",
      pool: "bench",
      sources: [{ queue: "q", types: names, share: BATCH }],
      limit: BATCH,
      leaseMs: 3_600_000,
    });
    await settle(store, held, { kind: "complete", result: null });
  }
}

/** Where lists are, and the microseconds of CPU that reading them has taken. */
interface Place {
  readonly open: (list: List) => Promise<Store>;
  readonly cpuUs: () => Promise<number>;
}

/** Milliseconds of a page at one place: CPU, on average, and the median until the answer. */
async function measure(
  store: Store,
  query: PageQuery,
  cpuUs: Place["cpuUs"],
): Promise<{ cpuMs: number; ms: number }> {
  const times: number[] = [];
  const before = await cpuUs();
  for (let call = 0; call < CALLS; call++) {
    const start = performance.now();
    const { jobs } = await store.page(query);
    times.push(performance.now() - start);
    if (jobs.length !== query.limit) throw new Error(`a page must be full: ${jobs.length}`);
  }
  return { cpuMs: (await cpuUs() - before) / CALLS / 1000, ms: median(times) };
}

async function bench(title: string, { open, cpuUs }: Place): Promise<boolean> {
  const depths = [0, 0.01, 0.25, 0.5, 0.75, 1];
  const heads = depths.map((depth) => `at ${depth * 100} %`);
  const rows = [`| list | ${heads.join(" | ")} |`, `| --- |${" --: |".repeat(depths.length)}`];
  let isHeld = true;
  for (const list of lists) {
    const store = await open(list);
    await fill(store, list, count);
    const cells: string[] = [];
    for (const depth of depths) {
      const offset = Math.floor(depth * (count - LIMIT));
      const query = { status: list.status, queues: ["q"], offset, limit: LIMIT };
      const { cpuMs, ms } = await measure(store, query, cpuUs);
      isHeld &&= cpuMs <= BAR_MS;
      cells.push(`${cpuMs.toFixed(1)} / ${ms.toFixed(1)}`);
    }
    rows.push(`| ${list.name} | ${cells.join(" | ")} |`);
    console.error(rows.at(-1));
    await store.close();
  }
  const what = `${count} jobs, pages of ${LIMIT}, ms: CPU / until the answer`;
  console.log(`\n## ${title}\n\n${machine()}, ${what}\n`);
  console.log(rows.join("\n"));
  return isHeld;
}

async function onRedis(): Promise<boolean> {
  await using redis = await OwnRedis.start();
  return await bench(`Redis ${await redis.version()}`, {
    open: async ({ name }) => {
      await redis.clear();
      const store = redisStore(redis.url, { prefix: name.replace(/\W/g, "-"), retention });
      await store.open();
      return store;
    },
    cpuUs: async () => (await redis.usage()).cpuUs,
  });
}

async function onSqlite(): Promise<boolean> {
  const directory = await Deno.makeTempDir({ prefix: "gqm-bench-" });
  try {
    return await bench("SQLite, synchronous = normal", {
      open: async ({ name }) => {
        const path = join(directory, `${name.replace(/\W/g, "-")}.db`);
        const store = sqliteStore(path, { retention, synchronous: "normal" });
        await store.open();
        return store;
      },
      cpuUs: () => {
        const { user, system } = process.cpuUsage();
        return Promise.resolve(user + system);
      },
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const flags = parseArgs(process.argv.slice(2), {
  string: ["jobs"],
  default: { jobs: "1000000" },
});
const count = Number(flags.jobs);
const kinds = wantedKinds(flags._);
let isHeld = true;
if (kinds.includes("redis")) isHeld = await onRedis() && isHeld;
if (kinds.includes("sqlite")) isHeld = await onSqlite() && isHeld;
process.exitCode = isHeld ? 0 : 1;
