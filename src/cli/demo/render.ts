/**
 * What the demo shows: pure functions from figures to text.
 *
 * @module
 */

import type { Attempt, Job } from "../../job/job.ts";
import type { FileFacts, FileToRead } from "./jobs.ts";

/** A job of the demo, after its end. */
export type ReadJob = Job<FileToRead, FileFacts>;

/** How far the demo is. */
export interface DemoProgress {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly elapsedMs: number;
}

/** One line with a bar that fits the width. */
export function progressLine(progress: DemoProgress, columns: number): string {
  const { total, done, failed, elapsedMs } = progress;
  const share = total === 0 ? 1 : done / total;
  const rate = elapsedMs > 0 ? Math.round(done / elapsedMs * 1000) : 0;
  const text = ` ${Math.floor(share * 100)}%  ${done}/${total} files  ${rate}/s` +
    (failed > 0 ? `  ${failed} failed` : "");
  const width = Math.max(5, Math.min(40, columns - text.length - 3));
  const filled = Math.round(share * width);
  return `[${"█".repeat(filled)}${"░".repeat(width - filled)}]${text}`.slice(
    0,
    Math.max(1, columns - 1),
  );
}

/** The tables at the end. */
export function summary(jobs: readonly ReadJob[], elapsedMs: number): string {
  const read = jobs.filter(({ status }) => status === "completed");
  const failed = jobs.filter(({ status }) => status !== "completed");
  const twice = jobs.filter(({ attempts }) => attempts.filter(isCompleted).length > 1);
  const distinct = new Set(read.map(({ payload }) => payload.path)).size;
  const once = twice.length === 0 && distinct === read.length;
  const ends = Map.groupBy(jobs.flatMap(({ attempts }) => attempts), ({ outcome }) => outcome);
  const seconds = elapsedMs / 1000;
  return [
    table(["Kind", "Files", "Lines", "Words", "Bytes"], [...byKind(read), totals("Total", read)]),
    table(["Worker", "Files"], byWorker(read)),
    failed.length === 0 ? "" : "Dead letters:\n" + failed.map(deadLetter).join(""),
    `${jobs.length} jobs: ${read.length} files read, ${
      once ? "each once" : "SOME MORE THAN ONCE"
    }; ` +
    `${failed.length} failed for good; ${ends.get("retry")?.length ?? 0} retries; ` +
    `${ends.get("lost")?.length ?? 0} taken from dead workers.\n` +
    `${seconds.toFixed(2)} s, ${Math.round(jobs.length / Math.max(seconds, 0.001))} jobs/s.\n`,
  ].filter((part) => part !== "").join("\n");
}

function isCompleted({ outcome }: Attempt): boolean {
  return outcome === "completed";
}

/** Kinds shown; the rest are added up. */
const MAX_KINDS = 12;

function byKind(jobs: readonly ReadJob[]): string[][] {
  const groups = [...Map.groupBy(jobs, ({ payload }) => kindOf(payload.path))]
    .sort(([, a], [, b]) => b.length - a.length);
  const rows = groups.slice(0, MAX_KINDS).map(([kind, members]) => totals(kind, members));
  const rest = groups.slice(MAX_KINDS).flatMap(([, members]) => members);
  return rest.length === 0 ? rows : [...rows, totals("other", rest)];
}

function kindOf(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot) : "no extension";
}

function totals(title: string, jobs: readonly ReadJob[]): string[] {
  const sum = (pick: (facts: FileFacts) => number): string =>
    jobs.reduce((total, { result }) => total + pick(result!), 0).toLocaleString("en");
  return [
    title,
    jobs.length.toLocaleString("en"),
    sum(({ lines }) => lines),
    sum(({ words }) => words),
    sum(({ size }) => size),
  ];
}

function byWorker(jobs: readonly ReadJob[]): string[][] {
  const groups = Map.groupBy(jobs, ({ attempts }) => attempts.at(-1)?.server ?? "unknown");
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([server, members]) => [server, members.length.toLocaleString("en")]);
}

function deadLetter({ payload, attempts, error, status }: ReadJob): string {
  return `  ✗ ${payload.path}\n    ${status} after ${attempts.length} attempts: ${error}\n`;
}

/** A table: the first column to the left, figures to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(head), rule, ...rows.map(line)].join("\n") + "\n";
}
