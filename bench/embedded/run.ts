/**
 * What the embedded stores do per second.
 *
 * Each figure is the median of some rounds in one process; scenarios take turns
 * in each round, so that a slow spell of the machine hits them all. Jobs have a
 * payload of about 100 bytes and a handler that does nothing. A plain loop of
 * insert, update, update on the same SQLite stands beside, as the floor.
 */

import { cpus } from "node:os";
import { VERSION } from "../../src/version.ts";
import { median } from "../median.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

/** How much to measure. */
export interface EmbeddedOptions {
  /** Jobs of each scenario that has no number of its own. */
  readonly jobs: number;
  readonly rounds: number;
  /** Told what is measured next. */
  readonly onStep: (step: string) => void;
}

/** What was measured. */
export interface EmbeddedReport {
  readonly about: Readonly<Record<string, string | number>>;
  readonly ratios: Readonly<Record<string, number>>;
  readonly rows: readonly {
    readonly name: string;
    readonly jobs: number;
    readonly jobsPerSecond: number;
  }[];
}

/** Runs all scenarios on the embedded stores. */
export async function runEmbedded(options: EmbeddedOptions): Promise<EmbeddedReport> {
  const { jobs, rounds, onStep } = options;
  const rates = new Map<Scenario, number[]>(scenarios.map((scenario) => [scenario, []]));
  for (let round = 0; round < rounds; round++) {
    for (const scenario of scenarios) {
      onStep(`round ${round + 1}/${rounds}: ${scenario.name}`);
      const count = scenario.jobs ?? jobs;
      rates.get(scenario)!.push(count / (await scenario.run(count)) * 1000);
    }
  }
  const rows = scenarios.map((scenario) => ({
    name: scenario.name,
    jobs: scenario.jobs ?? jobs,
    jobsPerSecond: Math.round(median(rates.get(scenario)!)),
  }));
  const rate = (name: string): number => rows.find((row) => row.name === name)!.jobsPerSecond;
  return {
    about: {
      gqm: VERSION,
      runtime: navigator.userAgent,
      machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
      rounds,
      payload: "about 100 bytes",
    },
    ratios: {
      "memory: drain of 100 000 / of 1 000, per job":
        rate("memory: drain of 100 000, concurrency 100") /
        rate("memory: drain of 1 000, concurrency 100"),
      "sqlite (normal): enqueue in batches + drain / plain loop": 1 /
        (1 / rate("sqlite normal: enqueue, batches of 1000") +
          1 / rate("sqlite normal: drain, concurrency 100")) /
        rate("plain loop on SQLite, transactions of 100"),
    },
    rows,
  };
}

/** The report for people. */
export function embeddedText({ about, ratios, rows }: EmbeddedReport): string {
  return [
    ...Object.entries(about).map(([key, value]) => `${key}: ${value}`),
    "",
    ...Object.entries(ratios).map(([name, ratio]) => `${ratio.toFixed(2).padStart(9)}  ${name}`),
    "",
    "   jobs/s     jobs  scenario",
    ...rows.map(({ name, jobs, jobsPerSecond }) =>
      [jobsPerSecond, jobs].map((n) => n.toLocaleString("en").padStart(9)).join("") + `  ${name}`
    ),
  ].join("\n");
}
