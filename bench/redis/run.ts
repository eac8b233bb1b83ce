/** Compares the Redis store with other systems: lanes in turn, round by round, on one Redis. */

import { cpus, loadavg } from "node:os";
import { VERSION } from "../../src/version.ts";
import { LatencyProxy, roundTripMs } from "../latency/proxy.ts";
import {
  type LanePlace,
  type LaneRunner,
  laneRunner,
  type RuntimeName,
  type Sample,
} from "./lanes.ts";
import { OwnRedis } from "./own_redis.ts";
import { benchPackages } from "./packages.ts";
import { type Row, rowOf } from "./row.ts";
import { rowPlans } from "./rows.ts";
import { type Scenario, scenariosFor } from "./scenarios.ts";
import { type System, type SystemName, systems } from "./systems.ts";

/** How much to measure, and on what. */
export interface RedisOptions {
  readonly jobs: number;
  readonly rounds: number;
  readonly runtimes: readonly RuntimeName[];
  /** Only rows whose name contains this. */
  readonly rows: string;
  readonly seed: number;
  /** What a round trip to Redis takes longer than on loopback, in milliseconds. */
  readonly latencyMs: number;
  /** Told what is measured next. */
  readonly onStep: (step: string) => void;
}

/** What was measured. */
export interface RedisReport {
  readonly about: Readonly<Record<string, string | number>>;
  /** By runtime. */
  readonly tables: readonly { readonly runtime: string; readonly rows: readonly Row[] }[];
}

/** What a lane on one runtime gave, in the order of the rounds. */
type Found = Map<LaneRunner, Map<Scenario, Map<SystemName, (Sample | Error)[]>>>;

/** Runs all scenarios that the rows need. */
export async function runRedis(options: RedisOptions): Promise<RedisReport> {
  const { jobs, rounds, onStep, seed, latencyMs } = options;
  const plans = rowPlans.filter(({ name }) => name.includes(options.rows));
  if (plans.length === 0) {
    throw new RangeError(
      `Cannot run the bench as a row's name must contain '--rows': current value is "${options.rows}"`,
    );
  }
  const packages = await benchPackages();
  const scenarios = scenariosFor(jobs).filter(({ name }) =>
    plans.some(({ scenario }) => scenario === name)
  );
  const runners: LaneRunner[] = [];
  for (const name of options.runtimes) runners.push(await laneRunner(name, packages));
  const found: Found = new Map(runners.map((runner) => [runner, new Map()]));
  const loadBefore = loadText();
  const about = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    // A new one each time, as its random seed decides how well some tables are filled.
    await using redis = await OwnRedis.start();
    await using proxy = latencyMs === 0 ? null : await LatencyProxy.start(redis.url, latencyMs);
    using _interrupt = onInterrupt(() => {
      redis.kill();
      proxy?.kill();
    });
    const place = { redis, url: proxy?.url ?? redis.url, seed: seed + round };
    if (round === 0) {
      about.set("redis", `${await redis.version()}, TCP on 127.0.0.1, no persistence`);
      about.set("round trip", await distance(redis, proxy, latencyMs));
    }
    for (const scenario of scenarios) {
      if (round >= (scenario.rounds ?? rounds)) continue;
      for (const runner of runners) {
        const samples = found.get(runner)!;
        if (!samples.has(scenario)) samples.set(scenario, new Map());
        for (const system of round % 2 === 0 ? systems : systems.toReversed()) {
          if (scenario.cannot[system.name] !== undefined) continue;
          if (!isRunWith(system, scenario)) continue;
          onStep(
            `round ${round + 1}/${rounds}, ${runner.runtime}: ${scenario.name}, ${system.name}`,
          );
          const sample = await attempt(runner, system, scenario, place, onStep);
          const bySystem = samples.get(scenario)!;
          bySystem.set(system.name, [...bySystem.get(system.name) ?? [], sample]);
        }
      }
    }
  }
  return {
    about: {
      gqm: VERSION,
      ...packages.versions,
      ...Object.fromEntries(about),
      machine: `${cpus().length} × ${
        cpus()[0]?.model.trim()
      }, load ${loadBefore} before and ${loadText()} after`,
      payload: "100 bytes of JSON unless the row says otherwise",
      rounds,
      jobs,
      seed,
    },
    tables: runners.map((runner) => ({
      runtime: runner.runtime,
      rows: plans.map((plan) => {
        const scenario = scenarios.find(({ name }) => name === plan.scenario)!;
        return rowOf(plan, scenario, inOrder(found.get(runner)!.get(scenario)!));
      }),
    })),
  };
}

function isRunWith({ works }: System, { work }: Scenario): boolean {
  return works?.includes(work) ?? true;
}

async function attempt(
  runner: LaneRunner,
  system: System,
  scenario: Scenario,
  place: LanePlace,
  onStep: (step: string) => void,
): Promise<Sample | Error> {
  try {
    return await runner.run(system, scenario, place);
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    onStep(`failed: ${failure.message}`);
    return failure;
  }
}

/** In the order of the tables, whoever went first. */
function inOrder<T>(bySystem: ReadonlyMap<SystemName, T>): ReadonlyMap<SystemName, T> {
  return new Map(systems.flatMap(({ name }): [SystemName, T][] => {
    const value = bySystem.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** How far away Redis is for the lanes, in words. */
async function distance(
  redis: OwnRedis,
  proxy: LatencyProxy | null,
  latencyMs: number,
): Promise<string> {
  const direct = `${(await roundTripMs(redis.url)).toFixed(2)} ms`;
  if (proxy === null) return direct;
  const far = `${(await roundTripMs(proxy.url)).toFixed(2)} ms`;
  return `${far} through a proxy that adds ${latencyMs} ms, ${direct} without`;
}

function loadText(): string {
  return loadavg()[0]!.toFixed(1);
}

/** Runs `end` and exits when this process is told to end. */
function onInterrupt(end: () => void): Disposable {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const listener = (): never => {
    end();
    Deno.exit(130);
  };
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return {
    [Symbol.dispose]: () => {
      for (const signal of signals) Deno.removeSignalListener(signal, listener);
    },
  };
}
