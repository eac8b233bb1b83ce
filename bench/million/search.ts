/**
 * What each step of a search through a million jobs of all statuses costs.
 *
 *   deno run -A $(deno run -A tools/std.ts) bench/million/search.ts [redis|sqlite] [--jobs N] [--large N]
 *
 * Exits with 1 if 99 of 100 steps do not stay below 20 ms: of CPU of Redis, or of this process.
 */

import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { redisStore, type SearchOptions, sqliteStore, type Store } from "../../mod.ts";
import { searchJobs } from "../../src/insight/search.ts";
import { median } from "../median.ts";
import { percentile } from "../percentile.ts";
import { OwnRedis } from "../redis/own_redis.ts";
import { machine } from "../stores.ts";
import { fill } from "./fill.ts";
import { jobs } from "./jobs.ts";
import { wantedKinds } from "./kinds.ts";

/** Most milliseconds of a step. */
const BAR_MS = 20;
const SHARE = 0.99;
/** Characters of a large payload. */
const LARGE = 200_000;
/** Nothing is removed meanwhile. */
const retention = { maxCount: 100_000_000 };

/** Searches that find nothing, and so go through all; and one for which each job will do. */
const searches: Readonly<Record<string, SearchOptions>> = {
  "by text": { text: "nowhere to be found" },
  "by fingerprint": { fingerprint: "0123456789abcdef" },
  "by the beginning of the id": { idPrefix: "zzz" },
  "all, 100 per step": { limit: 100 },
};

/** A store, and the microseconds of CPU that it has taken. */
interface Place {
  readonly store: Store;
  readonly cpuUs: () => Promise<number>;
}

async function measure({ store, cpuUs }: Place, options: SearchOptions): Promise<Figures> {
  const cpu: number[] = [];
  const times: number[] = [];
  let [scanned, cursor]: [number, string | undefined] = [0, undefined];
  do {
    const [before, start] = [await cpuUs(), performance.now()];
    const reply = await searchJobs(store, { ...options, cursor });
    times.push(performance.now() - start);
    cpu.push((await cpuUs() - before) / 1000);
    scanned += reply.scanned;
    cursor = reply.cursor;
  } while (cursor !== undefined);
  return { scanned, cpu, times };
}

/** Jobs that were looked at, and the milliseconds of each step. */
interface Figures {
  readonly scanned: number;
  readonly cpu: readonly number[];
  readonly times: readonly number[];
}

function cells({ scanned, cpu, times }: Figures): string[] {
  const figures = [median(cpu), percentile(cpu, SHARE), Math.max(...cpu), median(times)];
  return [`${scanned}`, `${cpu.length}`, ...figures.map((ms) => ms.toFixed(1))];
}

async function bench(title: string, place: Place): Promise<boolean> {
  const rows = [
    "| search | jobs | steps | CPU, median | CPU, 99 % | CPU, most | until the answer, median |",
    "| --- | --: | --: | --: | --: | --: | --: |",
  ];
  let isHeld = true;
  const run = async (name: string, options: SearchOptions): Promise<void> => {
    const figures = await measure(place, options);
    isHeld &&= percentile([...figures.cpu], SHARE) <= BAR_MS;
    rows.push(`| ${[name, ...cells(figures)].join(" | ")} |`);
    console.error(rows.at(-1));
  };
  await fill(place.store, "retained", count);
  console.error(`filled ${title}`);
  for (const [name, options] of Object.entries(searches)) await run(name, options);
  const payload = JSON.stringify("x".repeat(LARGE));
  for (let i = 0; i < large; i += 10) {
    await place.store.enqueue(jobs(10, { queue: "large", payload }).map((job) => [job]));
  }
  await run(`by text in ${LARGE / 1000} KB each`, { text: "nowhere", queue: "large" });
  console.log(`\n## ${title}\n\n${machine()}, ms per step\n\n${rows.join("\n")}`);
  await place.store.close();
  return isHeld;
}

async function onRedis(): Promise<boolean> {
  await using redis = await OwnRedis.start();
  const store = redisStore(redis.url, { retention });
  await store.open();
  const cpuUs = async (): Promise<number> => (await redis.usage()).cpuUs;
  return await bench(`Redis ${await redis.version()}`, { store, cpuUs });
}

async function onSqlite(): Promise<boolean> {
  const directory = await Deno.makeTempDir({ prefix: "gqm-bench-" });
  try {
    const store = sqliteStore(join(directory, "jobs.db"), { retention, synchronous: "normal" });
    await store.open();
    const cpuUs = (): Promise<number> => {
      const { user, system } = process.cpuUsage();
      return Promise.resolve(user + system);
    };
    return await bench("SQLite, synchronous = normal", { store, cpuUs });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const flags = parseArgs(process.argv.slice(2), {
  string: ["jobs", "large"],
  default: { jobs: "1000000", large: "1000" },
});
const [count, large] = [Number(flags.jobs), Number(flags.large)];
const kinds = wantedKinds(flags._);
let isHeld = true;
if (kinds.includes("redis")) isHeld = await onRedis() && isHeld;
if (kinds.includes("sqlite")) isHeld = await onSqlite() && isHeld;
process.exitCode = isHeld ? 0 : 1;
