/**
 * Totals, days, hours and minutes in the memory store.
 *
 * @module
 */

import { bucketOf, toHistogram } from "../../insight/buckets.ts";
import { spanOf } from "../check_series.ts";
import { depthStatuses, toDepth } from "../depth.ts";
import {
  DAY_MS,
  DAYS_KEPT,
  HOUR_MS,
  hourOf,
  HOURS_KEPT,
  MAX_PAIRS,
  MINUTE_MS,
  minuteOf,
  MINUTES_KEPT,
  OTHERS,
  SERIES_UNITS,
} from "../insight_limits.ts";
import { lastMinutes, type MinuteCell, type SeriesCell, toHours } from "../roll_up.ts";
import type {
  DayRow,
  Depth,
  EndCounts,
  Outcome,
  SeriesQuery,
  SeriesReply,
  SeriesRow,
  StepReply,
  TotalsRow,
} from "../store.ts";
import type { Lane } from "./state.ts";

/** A queue and a type. */
interface Pair {
  readonly queue: string;
  readonly type: string;
}

/** Counts that grow. */
type Counts = { -readonly [K in keyof EndCounts]: number };

/** One minute of a pair, in the making. */
interface Cell {
  readonly counts: Counts;
  readonly runs: Map<number, number>;
  readonly waits: Map<number, number>;
  depth: Depth | null;
}

/** A minute or hour of a pair, as it is told. */
type PlacedCell = readonly [place: number, key: string, cell: SeriesCell];

/** What ended, and what waited. */
export class Insight {
  /** Totals of all pairs, in the order in which they came. */
  readonly #totals = new Map<string, Pair & { readonly counts: Counts }>();
  /** Cells by minute, then pair. */
  readonly #minutes = new Map<number, Map<string, Cell>>();
  /** Counts by day, then queue. */
  readonly #days = new Map<number, Map<string, Counts>>();
  readonly #sampled = new Set<number>();
  /** Hours that are over, by hour, then pair. */
  readonly #hours = new Map<number, Map<string, SeriesCell>>();
  readonly #sampledHours = new Set<number>();
  /** The first hour that was not made yet. */
  #rolledTo = 0;

  /** Counts what ended in a lane. */
  count(lane: Pair, what: keyof EndCounts, now: number): void {
    const pair = this.#pair(lane);
    this.#totals.get(keyOf(pair))!.counts[what]++;
    this.#cell(pair, minuteOf(now)).counts[what]++;
    if (what !== "completed" && what !== "dead") return;
    const day = entry(this.#days, Math.floor(now / DAY_MS), () => new Map<string, Counts>());
    entry(day, pair.queue, noCounts)[what]++;
  }

  /** Counts how long an attempt ran and waited. */
  time(lane: Pair, { ranMs, waitedMs }: Outcome, now: number): void {
    const { runs, waits } = this.#cell(this.#pair(lane), minuteOf(now));
    add(runs, bucketOf(ranMs));
    if (waitedMs !== undefined) add(waits, bucketOf(waitedMs));
  }

  /** Whether neither the minute was sampled yet nor a later one. */
  isDue(now: number): boolean {
    return minuteOf(now) > Math.max(0, ...this.#sampled);
  }

  /** See `InsightStage.sample`. */
  sample(lanes: Iterable<Lane>, now: number): StepReply {
    const minute = minuteOf(now);
    const nextInMs = Math.ceil((minute + 1) * MINUTE_MS - now);
    if (!this.isDue(now)) return { moved: 0, nextInMs };
    this.#sampled.add(minute);
    this.#sampledHours.add(hourOf(minute));
    let moved = 0;
    for (const lane of lanes) {
      if (depthStatuses.every((status) => lane.counts[status] === 0)) continue;
      const cell = this.#cell(this.#pair(lane), minute);
      const before = cell.depth;
      cell.depth = toDepth((status) => lane.counts[status] + (before?.[status] ?? 0));
      moved++;
    }
    this.#rollUp(hourOf(minute));
    this.#letGo(now);
    return { moved, nextInMs };
  }

  /** Makes hours of the minutes of hours that are over. */
  #rollUp(to: number): void {
    if (to <= this.#rolledTo) return;
    const sampled = lastMinutes(this.#sampled);
    const byPair = new Map<string, MinuteCell[]>();
    for (const [minute, cells] of this.#minutes) {
      const hour = hourOf(minute);
      if (hour < this.#rolledTo || hour >= to) continue;
      for (const [key, cell] of cells) {
        entry(byPair, key, () => []).push({ minute, ...toCell(cell) });
      }
    }
    for (const [key, minutes] of byPair) {
      for (const [hour, cell] of toHours(minutes, sampled)) {
        entry(this.#hours, hour, () => new Map<string, SeriesCell>()).set(key, cell);
      }
    }
    this.#rolledTo = to;
  }

  /** See `InsightStage.series`. Always one page. */
  series(query: SeriesQuery, now: number): SeriesReply {
    const { unit = "minute" } = query;
    const { from, to } = spanOf(query, now);
    const { ms } = SERIES_UNITS[unit];
    const isAsked = (place: number): boolean =>
      place >= from && place <= to && (unit === "minute" || place < this.#rolledTo);
    const rows: SeriesRow[] = [];
    const cells = unit === "hour" ? this.#hourCells(isAsked) : this.#minuteCells(isAsked);
    for (const [place, key, cell] of cells) {
      const { queue, type } = this.#totals.get(key)!;
      if ((query.queue ?? queue) !== queue || (query.type ?? type) !== type) continue;
      rows.push({ queue, type, at: place * ms, ...cell });
    }
    const sampled = [...unit === "hour" ? this.#sampledHours : this.#sampled].filter(isAsked);
    const sampledAt = sampled.sort((a, b) => a - b).map((place) => place * ms);
    const rolledTo = this.#rolledTo * HOUR_MS;
    return unit === "hour" ? { rows, sampledAt, now, rolledTo } : { rows, sampledAt, now };
  }

  *#minuteCells(isAsked: (minute: number) => boolean): Generator<PlacedCell> {
    for (const [minute, cells] of this.#minutes) {
      if (!isAsked(minute)) continue;
      for (const [key, cell] of cells) yield [minute, key, toCell(cell)];
    }
  }

  *#hourCells(isAsked: (hour: number) => boolean): Generator<PlacedCell> {
    for (const [hour, cells] of this.#hours) {
      if (!isAsked(hour)) continue;
      for (const [key, cell] of cells) yield [hour, key, cell];
    }
  }

  /** See `InsightStage.totals`. */
  totals(): TotalsRow[] {
    return [...this.#totals.values()]
      .filter(({ counts }) => Object.values(counts).some((count) => count > 0))
      .map(({ queue, type, counts }) => ({ queue, type, ...counts }));
  }

  /** See `InsightStage.days`. */
  days(count: number, now: number): DayRow[] {
    const today = Math.floor(now / DAY_MS);
    const first = today - count + 1;
    return [...this.#days].filter(([day]) => day >= first && day <= today).flatMap(
      ([day, queues]) =>
        [...queues].map(([queue, { completed, dead }]) => {
          return { queue, at: day * DAY_MS, completed, dead };
        }),
    );
  }

  /** The pair that a lane counts as. */
  #pair({ queue, type }: Pair): Pair {
    const isFull = this.#totals.size >= MAX_PAIRS;
    const pair = isFull && !this.#totals.has(keyOf({ queue, type }))
      ? { queue: OTHERS, type: OTHERS }
      : { queue, type };
    entry(this.#totals, keyOf(pair), () => ({ ...pair, counts: noCounts() }));
    return pair;
  }

  #cell(pair: Pair, minute: number): Cell {
    const cells = entry(this.#minutes, minute, () => new Map<string, Cell>());
    return entry(
      cells,
      keyOf(pair),
      () => ({ counts: noCounts(), runs: new Map(), waits: new Map(), depth: null }),
    );
  }

  #letGo(now: number): void {
    const first = minuteOf(now) - MINUTES_KEPT + 1;
    for (const minute of this.#minutes.keys()) if (minute < first) this.#minutes.delete(minute);
    for (const minute of this.#sampled) if (minute < first) this.#sampled.delete(minute);
    const firstHour = hourOf(minuteOf(now)) - HOURS_KEPT + 1;
    for (const hour of this.#hours.keys()) if (hour < firstHour) this.#hours.delete(hour);
    for (const hour of this.#sampledHours) if (hour < firstHour) this.#sampledHours.delete(hour);
    const firstDay = Math.floor(now / DAY_MS) - DAYS_KEPT + 1;
    for (const day of this.#days.keys()) if (day < firstDay) this.#days.delete(day);
  }
}

function toCell({ counts, runs, waits, depth }: Cell): SeriesCell {
  return { ...counts, runs: toHistogram(runs), waits: toHistogram(waits), depth };
}

function keyOf({ queue, type }: Pair): string {
  return `${queue}|${type}`;
}

function noCounts(): Counts {
  return { completed: 0, retried: 0, dead: 0, canceled: 0, lost: 0 };
}

function add(counts: Map<number, number>, bucket: number): void {
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
}

/** The value of a key, made if it is not there. */
function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
