/** The comparison for people: a Markdown table whose columns are aligned. */

import type { RedisReport } from "./run.ts";
import type { Row } from "./row.ts";

const HEAD = [
  "",
  "GQM",
  "BullMQ",
  "ratio (rounds)",
  "Redis CPU-µs per job",
  "bar (stretch)",
  "",
];
const NOTHING = "–";

/** What was measured on, the table, and what failed. */
export function redisText({ about, rows }: RedisReport): string {
  const cells = rows.map(cellsOf);
  const widths = HEAD.map((head, i) =>
    Math.max(3, head.length, ...cells.map((row) => row[i]!.length))
  );
  const line = (row: readonly string[]): string =>
    `| ${
      row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join(
        " | ",
      )
    } |`;
  const rule = `|${
    widths.map((width, i) => i === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`).join(
      "|",
    )
  }|`;
  const failed = Map.groupBy(
    rows.flatMap(({ name, failures }) => failures.map((failure) => ({ name, failure }))),
    ({ failure }) => failure,
  );
  const failures = [...failed].map(([failure, found]) =>
    `FAILED ${failure}\n  in: ${found.map(({ name }) => name).join("; ")}`
  );
  return [
    ...Object.entries(about).map(([key, value]) => `${key}: ${value}`),
    "",
    line(HEAD),
    rule,
    ...cells.map(line),
    ...(failures.length === 0 ? [] : ["", ...failures]),
  ].join("\n");
}

function cellsOf(row: Row): string[] {
  const { gqm, bullmq } = row.cpuUs;
  return [
    row.name,
    figure(row.figures.gqm),
    figure(row.figures.bullmq),
    row.ratio === undefined ? NOTHING : [
      `${row.ratio.toFixed(2)}×`,
      ...(row.ratios === undefined ? [] : [`(${row.ratios.map((r) => r.toFixed(2)).join("–")})`]),
    ].join(" "),
    gqm === undefined && bullmq === undefined ? "" : `${figure(gqm)} / ${figure(bullmq)}`,
    row.bar ?? "",
    row.failures.length > 0
      ? "FAILED"
      : row.held === undefined
      ? ""
      : row.held
      ? "held"
      : "NOT held",
  ];
}

function figure(value: number | undefined): string {
  if (value === undefined) return NOTHING;
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 10 ? 1 : 2);
}
