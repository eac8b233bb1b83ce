/** What `deno task bench` is told. */

import { parseArgs } from "@std/cli/parse-args";
import { type RuntimeName, runtimeNames } from "./redis/lanes.ts";
import { MAX_JOBS, USUAL_JOBS } from "./redis/scenarios.ts";

/** Its options, checked. */
export interface BenchOptions {
  /** Which tables are made. */
  readonly wanted: readonly string[];
  /** Jobs of a usual row, by table. */
  readonly jobs: { readonly embedded: number; readonly redis: number };
  readonly rounds: number;
  readonly seed: number;
  readonly runtimes: readonly RuntimeName[];
  /** Only rows of the Redis table whose name contains this. */
  readonly rows: string;
  readonly latencyMs: number;
  /** Whether to print JSON instead of tables. */
  readonly json: boolean;
  /** Whether to write the tables to a file. */
  readonly results: boolean;
}

const TABLES = ["embedded", "redis"];
const EMBEDDED_JOBS = 2000;
const NAMES = ["jobs", "rounds", "seed", "runtime", "rows", "latency", "json", "results"];
const LATENCY = /^(\d+(?:\.\d+)?)ms$/;

/**
 * Reads the arguments.
 *
 * @throws {RangeError} If one is unknown or out of range.
 */
export function benchOptions(args: readonly string[]): BenchOptions {
  const flags = parseArgs([...args], {
    string: ["jobs", "rounds", "seed", "runtime", "rows", "latency"],
    boolean: ["json", "results"],
    default: { rounds: "3", seed: "1", runtime: "deno", rows: "", latency: "0ms" },
    unknown: (arg, key) => {
      if (key === undefined) return true;
      throw refusal(`options are --${NAMES.join(", --")}`, arg);
    },
  });
  const wanted = flags._.map((name) => oneOf("the table", String(name), TABLES));
  const jobs = (usual: number): number =>
    wholeNumber("jobs", flags.jobs ?? String(usual), 1, MAX_JOBS);
  const runtime = oneOf("'--runtime'", flags.runtime, [...runtimeNames, "all"]);
  const latency = LATENCY.exec(flags.latency)?.[1];
  if (latency === undefined) {
    throw refusal(`'--latency' must be milliseconds such as 1ms`, flags.latency);
  }
  return {
    wanted: wanted.length === 0 ? TABLES : wanted,
    jobs: { embedded: jobs(EMBEDDED_JOBS), redis: jobs(USUAL_JOBS) },
    rounds: wholeNumber("rounds", flags.rounds, 1, 1000),
    seed: wholeNumber("seed", flags.seed, 0, 2 ** 31),
    runtimes: runtime === "all" ? runtimeNames : [runtime as RuntimeName],
    rows: flags.rows,
    latencyMs: Number(latency),
    json: flags.json,
    results: flags.results,
  };
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw refusal(`'--${name}' must be a whole number from ${min} to ${max}`, text);
}

function oneOf(name: string, text: string, known: readonly string[]): string {
  if (known.includes(text)) return text;
  throw refusal(`${name} must be one of ${known.join(", ")}`, text);
}

function refusal(rule: string, value: string): RangeError {
  return new RangeError(`Cannot run the bench as ${rule}: current value is "${value}"`);
}
