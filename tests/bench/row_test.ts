/** How figures of lanes become ratios and verdicts. */

import { assertEquals } from "@std/assert";
import type { Sample } from "../../bench/redis/lanes.ts";
import { rowOf } from "../../bench/redis/row.ts";
import { rowPlans } from "../../bench/redis/rows.ts";
import { scenariosFor } from "../../bench/redis/scenarios.ts";
import type { SystemName } from "../../bench/redis/systems.ts";

const used = { cpuUs: 0, commands: 0 };
const gate = {
  ...{ arrived: used, left: used },
  redis: { cpuUs: 0, memoryBytes: 0, commands: 0, scripts: 0 },
};
const took = (ms: number): Sample => ({ jobs: 100, ms, gates: { start: gate, end: gate } });

function rowNamed(name: string, samples: readonly [SystemName, readonly (Sample | Error)[]][]) {
  const plan = rowPlans.find((row) => row.name === name)!;
  const scenario = scenariosFor(100).find((one) => one.name === plan.scenario)!;
  return rowOf(plan, scenario, new Map(samples));
}

const NAME = "enqueue and process, concurrency 30, jobs/s";

Deno.test("rowOf divides medians, and gives the range of the rounds, when there are several", () => {
  const { comparisons: [ours] } = rowNamed(NAME, [
    ["gqm", [took(10), took(20), took(30)]],
    ["bullmq", [took(100), took(100), took(90)]],
    ["bee-queue", [took(28), took(28), took(28)]],
  ]);
  assertEquals(ours!.ratios, {
    "bullmq": { value: 5, range: [3, 10] },
    "bee-queue": { value: 1.4, range: [28 / 30, 2.8] },
  });
  assertEquals(ours!.verdicts, [
    { bar: "≥ 4× (6×)", isHeld: true, isStretchHeld: false },
    { bar: "≥ 1.5× bee-queue", isHeld: false },
  ]);
});

Deno.test("rowOf counts nothing as held when a lane failed", () => {
  const row = rowNamed(NAME, [
    ["gqm", [took(1), new Error("a job was lost")]],
    ["bullmq", [took(100), took(100)]],
  ]);
  assertEquals(row.failures, ["gqm, 1 of 2 rounds: a job was lost"]);
  assertEquals(row.comparisons[0]!.verdicts.map(({ isHeld }) => isHeld), [false, false]);
});
