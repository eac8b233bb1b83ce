/**
 * Totals, days, hours and minutes on Redis.
 *
 * @module
 */

import { depthStatuses } from "../depth.ts";
import { decodeDepth, decodeHistogram } from "../cell_text.ts";
import { checkDays, checkSeriesQuery } from "../check_series.ts";
import { DAY_MS, MAX_PAIRS, OTHERS, ROWS_PER_PAGE, SERIES_UNITS } from "../insight_limits.ts";
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

/** What a cursor of a series looks like: a pair. */
const CURSOR = /^[^|\n]+\|[^\n]+$/;

/** Minutes after which a call that makes hours of them ends with the pair that it is at. */
const MINUTES_PER_ROLL = 500;

/** See `InsightStage.sample`. */
export async function sample(runner: ScriptRunner): Promise<StepReply> {
  const [written, wait, mayRoll] = await runner.call("sample", [""]) as SampleReply;
  if (written >= 0) return { moved: 0, nextInMs: await roll(runner, wait, mayRoll) };
  const depths = await depthsOf(runner);
  const args = [...depths].flatMap(([pair, depth]) => [
    pair,
    depthStatuses.map((status) => depth[status]).join(","),
  ]);
  const reply = await runner.call("sample", [depths.size, ...args]) as SampleReply;
  return { moved: Number(reply[0]), nextInMs: await roll(runner, reply[1], reply[2]) };
}

type SampleReply = [written: number, wait: string, mayRoll: string];

/** Makes some hours, if there may be any to be made; tells when to come again. */
async function roll(runner: ScriptRunner, wait: string, mayRoll: string): Promise<number> {
  if (mayRoll === "") return Number(wait);
  const [more] = await runner.call("roll", [MINUTES_PER_ROLL]);
  return more === "" ? Number(wait) : 0;
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
  checkSeriesQuery(query, CURSOR);
  const { fromAt, toAt, queue = "", type = "", limit = ROWS_PER_PAGE, cursor = "" } = query;
  const { unit = "minute" } = query;
  const { ms } = SERIES_UNITS[unit];
  const args = [fromAt, Math.floor(toAt / ms), queue, type, cursor, limit, unit];
  const [now, more, sampled, found, rolledTo] = await runner.call("series", args) as [
    string,
    string,
    string[],
    (string | string[])[],
    string,
  ];
  const rows: SeriesRow[] = [];
  for (let i = 0; i < found.length; i += 2) {
    rows.push(...rowsOf(found[i] as string, found[i + 1] as string[], ms));
  }
  const sampledAt = sampled.map((at) => Number(at) * ms);
  const last = found.at(-2) as string | undefined;
  return {
    rows,
    sampledAt,
    now: Number(now),
    ...unit === "hour" ? { rolledTo: Number(rolledTo) * ms } : {},
    ...more === "" || last === undefined ? {} : { cursor: last },
  };
}

function rowsOf(pair: string, texts: readonly string[], ms: number): SeriesRow[] {
  const [queue, type] = splitPair(pair);
  return texts.map((text): SeriesRow => {
    const [at, ends = "", runs = "", waits = "", depth = ""] = text.split("|");
    return {
      queue,
      type,
      at: Number(at) * ms,
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
  checkDays(count);
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
