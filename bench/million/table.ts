/** The table of costs. */

import { type Filling, fillings } from "./fill.ts";
import type { Cost, Row } from "./measure.ts";

const full = fillings.filter((filling) => filling !== "few");

/** A cost, and how many times that of a store with few jobs it is. */
function cell(cost: Cost, few: Cost, bar: number): { text: string; worst: number } {
  const ratios = [cost.latencyUs / few.latencyUs];
  if (cost.cpuUs !== undefined) ratios.unshift(cost.cpuUs / few.cpuUs!);
  const text = ratios.map((ratio) => ratio > bar ? `**${ratio.toFixed(2)}**` : ratio.toFixed(2))
    .join(" / ");
  return { text, worst: Math.max(...ratios) };
}

/** A table in Markdown, and the greatest ratio in it. */
export function table(
  rows: readonly Row<Filling>[],
  bar: number,
): { readonly text: string; readonly worst: number } {
  const hasCpu = rows[0]?.costs.few.cpuUs !== undefined;
  const unit = hasCpu ? "Redis CPU / latency, µs" : "latency, µs";
  const lines = [
    `| a call | few jobs: ${unit} | ${full.map((one) => `× with ${one}`).join(" | ")} |`,
    `| --- | --: |${" --: |".repeat(full.length)}`,
  ];
  let worst = 0;
  for (const { operation, costs } of rows) {
    const { few } = costs;
    const figures = [...hasCpu ? [few.cpuUs!] : [], few.latencyUs].map((us) => us.toFixed(0));
    const cells = full.map((filling) => cell(costs[filling], few, bar));
    worst = Math.max(worst, ...cells.map((one) => one.worst));
    lines.push(
      `| ${operation} | ${figures.join(" / ")} | ${cells.map(({ text }) => text).join(" | ")} |`,
    );
  }
  return { text: lines.join("\n"), worst };
}
