/** The comparison for people, as Markdown: ratios first, then figures and costs. */

import { markdownTable } from "../markdown_table.ts";
import { costNames } from "./cost.ts";
import type { Comparison, Row, Verdict } from "./row.ts";
import type { RedisReport } from "./run.ts";
import { others, type SystemName, systems } from "./systems.ts";

const COSTS = ["Redis CPU-µs", "commands", "inside scripts", "script calls", "client CPU-µs"];
/** What the figure of a row counts. */
const UNIT = /, (jobs\/s|ms)$/;
const NOTHING = "–";

/** What was measured on, the tables of each runtime, and what failed. */
export function redisText({ about, tables }: RedisReport): string {
  const parts = [Object.entries(about).map(([key, value]) => `- ${key}: ${value}`).join("\n")];
  for (const { runtime, rows } of tables) {
    parts.push(`### ${runtime}`, sumOfBars(rows));
    parts.push(
      "Ours divided by theirs, with the least and the greatest of a round: more is better for jobs/s, " +
        "less for all else. A bar is against BullMQ unless it says otherwise, a stretch in brackets.",
      ratioTable(rows),
      "Medians of the rounds:",
      figureTable(rows),
    );
    if (rows.some(({ figures }) => systems.some(({ name }) => figures[name]?.cost))) {
      parts.push(
        "What a job costs Redis and the process that enqueues or runs it, or does both:",
        costTable(rows),
      );
    }
    const notes = notesOf(rows);
    if (notes.length > 0) parts.push(notes.join("\n"));
  }
  return parts.join("\n\n");
}

function sumOfBars(rows: readonly Row[]): string {
  const verdicts = rows.flatMap((row) => row.comparisons.flatMap((one) => one.verdicts));
  const stretches = verdicts.filter((one) => one.isStretchHeld !== undefined);
  const held = verdicts.filter((one) => one.isHeld).length;
  const reached = stretches.filter((one) => one.isStretchHeld).length;
  return `Bars held: ${held} of ${verdicts.length}. Stretches reached: ${reached} of ${stretches.length}.`;
}

function ratioTable(rows: readonly Row[]): string {
  const lines = rows.flatMap((row) =>
    row.comparisons.map((comparison) => [
      row.name,
      comparison.ours,
      ...others.map((name) => ratioText(row, comparison, name)),
      comparison.verdicts.map(({ bar }) => bar).join("; "),
      row.failures.length > 0 ? "FAILED" : comparison.verdicts.map(verdictText).join("; "),
    ])
  );
  return markdownTable(["", "", ...others.map((name) => `/ ${name}`), "bar", ""], lines, 2);
}

function ratioText(row: Row, { ratios }: Comparison, name: SystemName): string {
  const ratio = ratios[name];
  if (ratio === undefined) return row.cannot[name] === undefined ? NOTHING : "cannot";
  const range = ratio.range?.map((one) => one.toFixed(2)).join("–");
  return `${ratio.value.toFixed(2)}×${range === undefined ? "" : ` (${range})`}`;
}

function verdictText({ isHeld, isStretchHeld }: Verdict): string {
  if (!isHeld) return "MISSED";
  if (isStretchHeld === undefined) return "held";
  return isStretchHeld ? "held, stretch too" : "held, not the stretch";
}

function figureTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.name,
    row.jobs.toLocaleString("en"),
    ...systems.map(({ name }) => {
      const found = row.figures[name];
      if (found !== undefined) return figure(found.median);
      return row.cannot[name] === undefined ? NOTHING : "cannot";
    }),
  ]);
  return markdownTable(["", "jobs", ...systems.map(({ name }) => name)], lines);
}

function costTable(rows: readonly Row[]): string {
  const lines = rows.flatMap((row) =>
    systems.flatMap(({ name }) => {
      const cost = row.figures[name]?.cost;
      if (cost === undefined) return [];
      return [[row.name.replace(UNIT, ""), name, ...costNames.map((one) => figure(cost[one]))]];
    })
  );
  return markdownTable(["", "", ...COSTS], lines, 2);
}

/** What is missing from the tables, and why: each reason once. */
function notesOf(rows: readonly Row[]): string[] {
  const reasons = rows.flatMap(({ name, cannot, failures }) => [
    ...Object.entries(cannot).map(([system, why]) => ({ name, reason: `${system} ${why}` })),
    ...failures.map((failure) => ({ name, reason: `FAILED ${failure}` })),
  ]);
  return [...Map.groupBy(reasons, ({ reason }) => reason)].map(([reason, found]) =>
    `- ${reason}: ${found.map(({ name }) => name).join("; ")}`
  );
}

function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3);
}
