/** Compares the Redis store with BullMQ: lanes in turn, round by round, on one Redis. */

import { cpus } from "node:os";
import { VERSION } from "../../src/version.ts";
import { bullMqPackage } from "./bullmq_package.ts";
import {
  type LaneRunner,
  laneRunner,
  type RuntimeName,
  type Sample,
  type Side,
  sides,
} from "./lanes.ts";
import { OwnRedis } from "./own_redis.ts";
import { type Row, rowOf } from "./row.ts";
import { rowPlans } from "./rows.ts";
import { scenariosFor } from "./scenarios.ts";

/** How much to measure, and on what. */
export interface RedisOptions {
  readonly jobs: number;
  readonly rounds: number;
  readonly runtime: RuntimeName;
  /** Only rows whose name contains this. */
  readonly rows: string;
  /** Told what is measured next. */
  readonly onStep: (step: string) => void;
}

/** What was measured. */
export interface RedisReport {
  readonly about: Readonly<Record<string, string | number>>;
  readonly rows: readonly Row[];
}

/** What the lanes of one scenario gave, by side, in the order of the rounds. */
export type Samples = Readonly<Record<Side, (Sample | Error)[]>>;

/** Runs all scenarios that the rows need. */
export async function runRedis(options: RedisOptions): Promise<RedisReport> {
  const { jobs, rounds, runtime, onStep } = options;
  const plans = rowPlans.filter(({ name }) => name.includes(options.rows));
  if (plans.length === 0) {
    throw new RangeError(
      `Cannot run the bench as a row's name must contain '--rows': current value is "${options.rows}"`,
    );
  }
  const bullMq = await bullMqPackage();
  const samples = new Map<string, Samples>();
  const about = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    // A new one each time, as its random seed decides how well some tables are filled.
    await using redis = await OwnRedis.start();
    using _interrupt = onInterrupt(() => redis.kill());
    const runner = await laneRunner(runtime, redis, bullMq);
    about.set("redis", `${await redis.version()}, TCP on 127.0.0.1, no persistence`);
    about.set("runtime", runner.runtime);
    for (const scenario of scenariosFor(jobs)) {
      if (!plans.some((plan) => plan.scenario === scenario.name)) continue;
      if (round >= (scenario.rounds ?? rounds)) continue;
      const found = samples.get(scenario.name) ?? { gqm: [], bullmq: [] };
      samples.set(scenario.name, found);
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        onStep(`round ${round + 1}/${rounds}: ${scenario.name}, ${side}`);
        found[side].push(await attempt(runner, side, scenario, onStep));
      }
    }
  }
  return {
    about: {
      gqm: VERSION,
      bullmq: `${bullMq.version}, ioredis ${bullMq.client}`,
      ...Object.fromEntries(about),
      machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
      rounds,
      jobs,
    },
    rows: plans.map((plan) => rowOf(plan, samples.get(plan.scenario)!)),
  };
}

async function attempt(
  runner: LaneRunner,
  side: Side,
  scenario: Parameters<LaneRunner["run"]>[1],
  onStep: (step: string) => void,
): Promise<Sample | Error> {
  try {
    return await runner.run(side, scenario);
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    onStep(`failed: ${failure.message}`);
    return failure;
  }
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
