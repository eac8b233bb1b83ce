/**
 * `deno task bench`: what the stores do, and how the Redis store compares with BullMQ.
 *
 *   deno task bench [embedded|redis] [--jobs N] [--rounds N] [--json]
 *                   [--runtime deno|bun|node] [--rows TEXT]
 *
 * Without a name, both are run. `bench/README.md` tells how to read the tables.
 */

import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { type EmbeddedReport, embeddedText, runEmbedded } from "./embedded/run.ts";
import { type RuntimeName, runtimeNames } from "./redis/lanes.ts";
import { type RedisReport, runRedis } from "./redis/run.ts";
import { MAX_JOBS } from "./redis/scenarios.ts";
import { redisText } from "./redis/table.ts";

const tables = ["embedded", "redis"];
const DEFAULT_JOBS = { embedded: 2000, redis: 20_000 };

/** Reads a number that is whole and in range. */
function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new RangeError(
    `Cannot run the bench as '--${name}' must be a whole number from 1 to ${max}: ` +
      `current value is "${text}"`,
  );
}

function oneOf(name: string, text: string, known: readonly string[]): string {
  if (known.includes(text)) return text;
  throw new RangeError(
    `Cannot run the bench as ${name} must be one of ${
      known.join(", ")
    }: current value is "${text}"`,
  );
}

async function main(args: readonly string[]): Promise<boolean> {
  const flags = parseArgs([...args], {
    string: ["jobs", "rounds", "runtime", "rows"],
    boolean: ["json"],
    default: { rounds: "3", runtime: "deno", rows: "" },
    unknown: (arg, key) => {
      if (key === undefined) return true;
      throw new RangeError(
        `Cannot run the bench as options are --jobs, --rounds, --runtime, --rows, --json: ` +
          `current value is "${arg}"`,
      );
    },
  });
  const wanted = flags._.length === 0
    ? tables
    : flags._.map((name) => oneOf("the table", String(name), tables));
  const jobs = (table: keyof typeof DEFAULT_JOBS): number =>
    wholeNumber("jobs", flags.jobs ?? String(DEFAULT_JOBS[table]), MAX_JOBS);
  const rounds = wholeNumber("rounds", flags.rounds, 1000);
  const runtime = oneOf("'--runtime'", flags.runtime, runtimeNames) as RuntimeName;
  const onStep = (step: string): void => {
    if (!flags.json) console.error(step);
  };

  const reports: { embedded?: EmbeddedReport; redis?: RedisReport } = {};
  if (wanted.includes("embedded")) {
    reports.embedded = await runEmbedded({ jobs: jobs("embedded"), rounds, onStep });
    if (!flags.json) console.log(`\n${embeddedText(reports.embedded)}\n`);
  }
  if (wanted.includes("redis")) {
    const { rows } = flags;
    reports.redis = await runRedis({ jobs: jobs("redis"), rounds, runtime, rows, onStep });
    if (!flags.json) console.log(`\n${redisText(reports.redis)}`);
  }
  if (flags.json) console.log(JSON.stringify(reports, null, 2));
  return reports.redis?.rows.every(({ failures }) => failures.length === 0) ?? true;
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2)) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
