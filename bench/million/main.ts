/**
 * What calls cost with a million delayed, waiting or retained jobs, beside a store with few.
 *
 *   deno run -A $(deno run -A tools/std.ts) bench/million/main.ts [redis|sqlite] [--jobs N] [--rounds N]
 *
 * Exits with 1 if a ratio is above 1.5.
 */

import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { redisStore, sqliteStore, type Store } from "../../mod.ts";
import { OwnRedis } from "../redis/own_redis.ts";
import { machine } from "../stores.ts";
import { fill, type Filling, fillings } from "./fill.ts";
import { wantedKinds } from "./kinds.ts";
import { type Bench, measure } from "./measure.ts";
import { cancels, operations, type Subject } from "./operations.ts";
import { table } from "./table.ts";

/** What a call may cost with a million jobs, as a multiple of what it costs with few. */
const BAR = 1.5;
/** Nothing is removed meanwhile. */
const retention = { maxCount: 100_000_000 };

async function filled(
  make: (filling: Filling) => Store,
  count: number,
): Promise<Record<Filling, Subject>> {
  const subjects: Partial<Record<Filling, Subject>> = {};
  for (const filling of fillings) {
    const start = performance.now();
    const store = make(filling);
    await store.open();
    await fill(store, filling, count);
    subjects[filling] = { store, held: [], waiting: [] };
    const seconds = (performance.now() - start) / 1000;
    const what = filling === "few" ? filling : `${count} ${filling}`;
    console.error(`filled a store with ${what} jobs in ${seconds.toFixed(0)} s`);
  }
  return subjects as Record<Filling, Subject>;
}

async function bench(
  stores: Bench<Filling>,
  title: string,
  rounds: number,
): Promise<boolean> {
  const rows = [
    ...await measure(stores, operations(Date.now()), rounds, console.error),
    ...await measure(stores, cancels, rounds, console.error),
  ];
  const { text, worst } = table(rows, BAR);
  console.log(`\n## ${title}\n\n${machine()}, medians of ${rounds} rounds\n\n${text}\n`);
  console.log(`The greatest ratio is ${worst.toFixed(2)}, and ${BAR} is the most it may be.`);
  for (const { store } of Object.values(stores.subjects)) await store.close();
  return worst <= BAR;
}

async function onRedis(count: number, rounds: number): Promise<boolean> {
  await using redis = await OwnRedis.start();
  const make = (filling: Filling): Store => redisStore(redis.url, { prefix: filling, retention });
  const subjects = await filled(make, count);
  const { memoryBytes } = await redis.usage();
  const title = `Redis ${await redis.version()}, ${(memoryBytes / 1e6).toFixed(0)} MB`;
  const cpuUs = async (): Promise<number> => (await redis.usage()).cpuUs;
  return await bench({ subjects, cpuUs }, title, rounds);
}

async function onSqlite(count: number, rounds: number): Promise<boolean> {
  const directory = await Deno.makeTempDir({ prefix: "gqm-bench-" });
  try {
    const make = (filling: Filling): Store =>
      sqliteStore(join(directory, `${filling}.db`), { retention, synchronous: "normal" });
    const subjects = await filled(make, count);
    return await bench({ subjects }, "SQLite, synchronous = normal", rounds);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const flags = parseArgs(process.argv.slice(2), {
  string: ["jobs", "rounds"],
  default: { jobs: "1000000", rounds: "5" },
});
const kinds = wantedKinds(flags._);
const [count, rounds] = [Number(flags.jobs), Number(flags.rounds)];
let isHeld = true;
if (kinds.includes("redis")) isHeld = await onRedis(count, rounds) && isHeld;
if (kinds.includes("sqlite")) isHeld = await onSqlite(count, rounds) && isHeld;
process.exitCode = isHeld ? 0 : 1;
