/**
 * `deno task bench`: what the embedded stores do per second.
 *
 * Each figure is the median of some rounds in one process; scenarios take turns
 * in each round, so that a slow spell of the machine hits them all. Jobs have a
 * payload of about 100 bytes and a handler that does nothing. A plain loop of
 * insert, update, update on the same SQLite stands beside, as the floor.
 *
 *   deno task bench [--jobs N] [--rounds N] [--json]
 */

import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { VERSION } from "../src/version.ts";
import { median } from "./median.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

const flags = parseArgs(process.argv.slice(2), {
  string: ["jobs", "rounds"],
  boolean: ["json"],
  default: { jobs: "2000", rounds: "3" },
});
const jobs = Number(flags.jobs);
const rounds = Number(flags.rounds);
if (!(Number.isInteger(jobs) && jobs > 0 && Number.isInteger(rounds) && rounds > 0)) {
  console.error("--jobs and --rounds must be whole numbers >= 1");
  process.exit(1);
}

const rates = new Map<Scenario, number[]>(scenarios.map((scenario) => [scenario, []]));
for (let round = 0; round < rounds; round++) {
  for (const scenario of scenarios) {
    if (!flags.json) console.error(`round ${round + 1}/${rounds}: ${scenario.name}`);
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
const about = {
  gqm: VERSION,
  runtime: `${navigator.userAgent}`,
  machine: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
  rounds,
  payload: "about 100 bytes",
};
const ratios = {
  "memory: drain of 100 000 / of 1 000, per job":
    rate("memory: drain of 100 000, concurrency 100") /
    rate("memory: drain of 1 000, concurrency 100"),
  "sqlite (normal): enqueue in batches + drain / plain loop": 1 /
    (1 / rate("sqlite normal: enqueue, batches of 1000") +
      1 / rate("sqlite normal: drain, concurrency 100")) /
    rate("plain loop on SQLite, transactions of 100"),
};
if (flags.json) {
  console.log(JSON.stringify({ about, ratios, rows }, null, 2));
} else {
  console.log(Object.entries(about).map(([key, value]) => `${key}: ${value}`).join("\n"));
  console.log("");
  for (const [name, ratio] of Object.entries(ratios)) {
    console.log(`${ratio.toFixed(2).padStart(9)}  ${name}`);
  }
  console.log("\n   jobs/s     jobs  scenario");
  for (const row of rows) {
    const figures = [row.jobsPerSecond, row.jobs].map((n) => n.toLocaleString("en").padStart(9));
    console.log(`${figures.join("")}  ${row.name}`);
  }
}
