/**
 * What the embedded stores do per second.
 *
 * Each figure is the median of some rounds in one process; scenarios take turns
 * in each round, so that a slow spell of the machine hits them all. Jobs have a
 * payload of about 100 bytes and a handler that does nothing. Loops of plain SQL on
 * the same SQLite stand beside, as the floor.
 */

import { cpus, loadavg } from "node:os";
import { VERSION } from "../../src/version.ts";
import { markdownTable } from "../markdown_table.ts";
import { median } from "../median.ts";
import { ratios, scenarios } from "./scenarios.ts";

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
  /** Rates of ours divided by those of the floor. */
  readonly ratios: readonly {
    readonly ours: string;
    readonly floor: string;
    /** Of the medians. */
    readonly ratio: number;
    /** The least and the greatest of a round. */
    readonly range: readonly [number, number];
  }[];
  readonly rows: readonly {
    readonly name: string;
    readonly jobs: number;
    /** Median of the rounds. */
    readonly jobsPerSecond: number;
  }[];
}

/** Runs all scenarios on the embedded stores. */
export async function runEmbedded(options: EmbeddedOptions): Promise<EmbeddedReport> {
  const { jobs, rounds, onStep } = options;
  const rates = new Map<string, number[]>(scenarios.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, jobs: own, run } of scenarios) {
      onStep(`round ${round + 1}/${rounds}: ${name}`);
      const count = own ?? jobs;
      rates.get(name)!.push(count / (await run(count)) * 1000);
    }
  }
  return {
    about: {
      gqm: VERSION,
      runtime: navigator.userAgent,
      machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(1)}`,
      payload: "about 100 bytes",
      rounds,
      jobs,
    },
    ratios: ratios.map(({ ours, floor }) => {
      const [own, plain] = [rates.get(ours)!, rates.get(floor)!];
      const each = own.map((rate, round) => rate / plain[round]!);
      const range: [number, number] = [Math.min(...each), Math.max(...each)];
      return { ours, floor, ratio: median(own) / median(plain), range };
    }),
    rows: scenarios.map((scenario) => ({
      name: scenario.name,
      jobs: scenario.jobs ?? jobs,
      jobsPerSecond: Math.round(median(rates.get(scenario.name)!)),
    })),
  };
}

/** The report for people, as Markdown. */
export function embeddedText({ about, ratios, rows }: EmbeddedReport): string {
  return [
    Object.entries(about).map(([key, value]) => `- ${key}: ${value}`).join("\n"),
    "Rates divided by those beside them, which are of plain SQL with as many jobs a transaction:",
    markdownTable(
      ["", "", "ratio", "rounds"],
      ratios.map(({ ours, floor, ratio, range }) => [
        ours,
        floor,
        `${ratio.toFixed(2)}×`,
        range.map((one) => one.toFixed(2)).join("–"),
      ]),
      2,
    ),
    "Medians of the rounds:",
    markdownTable(
      ["", "jobs", "jobs/s"],
      rows.map(({ name, jobs, jobsPerSecond }) => [
        name,
        ...[jobs, jobsPerSecond].map((n) => n.toLocaleString("en")),
      ]),
    ),
  ].join("\n\n");
}
