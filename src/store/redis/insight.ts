/**
 * Totals, days and minutes on Redis.
 *
 * @module
 */

import { depthStatuses } from "../depth.ts";
import { decodeDepth, decodeHistogram } from "../cell_text.ts";
import {
  DAY_MS,
  MAX_PAIRS,
  MINUTE_MS,
  minuteOf,
  OTHERS,
  ROWS_PER_PAGE,
} from "../insight_limits.ts";
import type {
  DayRow,
  Depth,
  EndCounts,
  SeriesQuery,
  SeriesReply,
  SeriesRow,
  StepReply,
  TotalsRow,
} from "../store.ts";
import { counts, splitPair } from "./inspect.ts";
import type { ScriptRunner } from "./script_runner.ts";

/** See `InsightStage.sample`. */
export async function sample(runner: ScriptRunner): Promise<StepReply> {
  const [written, wait] = await runner.call("sample", [""]) as [number, string];
  if (written >= 0) return { moved: 0, nextInMs: Number(wait) };
  const depths = await depthsOf(runner);
  const args = [...depths].flatMap(([pair, depth]) => [
    pair,
    depthStatuses.map((status) => depth[status]).join(","),
  ]);
  const [moved, nextInMs] = await runner.call("sample", [depths.size, ...args]);
  return { moved: Number(moved), nextInMs: Number(nextInMs) };
}

/** Jobs that have not ended, by pair. */
async function depthsOf(runner: ScriptRunner): Promise<Map<string, Depth>> {
  const depths = new Map<string, Record<keyof Depth, number>>();
  for (const { queue, type, status, count } of await counts(runner)) {
    const of = depthStatuses.find((one) => one === status);
    if (of === undefined) continue;
    const own = `${queue}|${type}`;
    // No call takes more than so many.
    const pair = depths.has(own) || depths.size < MAX_PAIRS ? own : `${OTHERS}|${OTHERS}`;
    const depth = depths.get(pair) ??
      { ready: 0, scheduled: 0, deferred: 0, processing: 0, retry: 0 };
    depths.set(pair, depth);
    depth[of] += count;
  }
  return depths;
}

/** See `InsightStage.series`. */
export async function series(runner: ScriptRunner, query: SeriesQuery): Promise<SeriesReply> {
  const { fromAt, toAt, queue = "", type = "", limit = ROWS_PER_PAGE, cursor = "" } = query;
  const args = [fromAt, minuteOf(toAt), queue, type, cursor, limit];
  const [now, more, sampled, found] = await runner.call("series", args) as [
    string,
    string,
    string[],
    (string | string[])[],
  ];
  const rows: SeriesRow[] = [];
  for (let i = 0; i < found.length; i += 2) {
    rows.push(...minutesOf(found[i] as string, found[i + 1] as string[]));
  }
  const sampledAt = sampled.map((minute) => Number(minute) * MINUTE_MS);
  const last = found.at(-2) as string | undefined;
  return {
    rows,
    sampledAt,
    now: Number(now),
    ...more === "" || last === undefined ? {} : { cursor: last },
  };
}

function minutesOf(pair: string, texts: readonly string[]): SeriesRow[] {
  const [queue, type] = splitPair(pair);
  return texts.map((text): SeriesRow => {
    const [minute, ends = "", runs = "", waits = "", depth = ""] = text.split("|");
    return {
      queue,
      type,
      at: Number(minute) * MINUTE_MS,
      ...decodeEnds(ends),
      runs: decodeHistogram(runs),
      waits: decodeHistogram(waits),
      depth: decodeDepth(depth),
    };
  });
}

function decodeEnds(text: string): EndCounts {
  const [completed = 0, retried = 0, dead = 0, canceled = 0, lost = 0] = text.split(",").map(
    Number,
  );
  return { completed, retried, dead, canceled, lost };
}

/** See `InsightStage.totals`. */
export async function totals(runner: ScriptRunner): Promise<TotalsRow[]> {
  const [found] = await runner.call("totals", []) as [string[]];
  const rows: TotalsRow[] = [];
  for (let i = 0; i < found.length; i += 2) {
    const ends = decodeEnds(found[i + 1]!);
    if (Object.values(ends).every((count) => count === 0)) continue;
    const [queue, type] = splitPair(found[i]!);
    rows.push({ queue, type, ...ends });
  }
  return rows;
}

/** See `InsightStage.days`. */
export async function days(runner: ScriptRunner, count: number): Promise<DayRow[]> {
  const found = await runner.call("days", [count]) as [string, string[]][];
  return found.flatMap(([day, texts]) => {
    const rows: DayRow[] = [];
    for (let i = 0; i < texts.length; i += 2) {
      const [completed = 0, dead = 0] = texts[i + 1]!.split(",").map(Number);
      rows.push({ queue: texts[i]!, at: Number(day) * DAY_MS, completed, dead });
    }
    return rows;
  });
}
