/**
 * The naive answer to what a cron expression means: goes through time step by step, asks `Intl`
 * what the clocks show, and applies the rules as they are written. It shares no code with `src`.
 */

import type { Rng } from "../../../src/rng.ts";

/** What the clocks of a zone show at each step of a stretch of time. */
export interface Stretch {
  readonly zone: string;
  readonly from: number;
  readonly stepMs: number;
  /** Wall times as if they were UTC, in epoch milliseconds. */
  readonly walls: readonly number[];
}

/** A drawn expression, and what its fields select. */
export interface Drawn {
  readonly expression: string;
  readonly fields: readonly DrawnField[];
}

interface DrawnField {
  readonly text: string;
  readonly values: ReadonlySet<number>;
  /** Whether it holds a `*`, a range or a step that selects several values. */
  readonly spread: boolean;
}

/** Looks at the clocks of a zone for some hours before and after an instant. */
export function stretchOf(zone: string, around: string, stepMs: number, hours: number): Stretch {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const from = Date.parse(around) - hours * 3_600_000;
  const walls = Array.from({ length: 2 * hours * 3_600_000 / stepMs }, (_, i) => {
    const parts = new Map(
      format.formatToParts(from + i * stepMs).map(({ type, value }) => [type, Number(value)]),
    );
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name)!;
    return Date.UTC(
      ...[part("year"), part("month") - 1, part("day")] as [number, number, number],
      ...[part("hour"), part("minute"), part("second")],
    );
  });
  return { zone, from, stepMs, walls };
}

/** All instants of a stretch at which an expression fires. */
export function firesIn({ from, stepMs, walls }: Stretch, { fields }: Drawn): number[] {
  const everyHour = fields[2]!.values.size === 24;
  const repeats = everyHour || fields[0]!.spread || fields[1]!.spread;
  const seen = new Set<number>();
  return walls.flatMap((wall, i) => {
    let fires = fits(fields, wall) && (repeats || !seen.has(wall));
    seen.add(wall);
    if (!everyHour && i > 0) {
      for (let skipped = walls[i - 1]! + stepMs; skipped < wall; skipped += stepMs) {
        fires ||= fits(fields, skipped);
      }
    }
    return fires ? [from + i * stepMs] : [];
  });
}

function fits(fields: readonly DrawnField[], wall: number): boolean {
  const date = new Date(wall);
  const fit = (field: number, value: number): boolean => fields[field]!.values.has(value);
  const [day, weekday] = [fit(3, date.getUTCDate()), fit(5, date.getUTCDay())];
  const either = fields[3]!.text !== "*" && fields[5]!.text !== "*";
  return fit(0, date.getUTCSeconds()) && fit(1, date.getUTCMinutes()) &&
    fit(2, date.getUTCHours()) && fit(4, date.getUTCMonth() + 1) &&
    (either ? day || weekday : day && weekday);
}

/** Draws an expression that is likely to fire on the day of a wall time, and near its hour. */
export function drawCron(rng: Rng, wall: number, bySecond: boolean): Drawn {
  const date = new Date(wall);
  const near = (value: number, max: number): number =>
    rng() < 0.6 ? (value + max + Math.floor(rng() * 3)) % (max + 1) : Math.floor(rng() * (max + 1));
  const minutes = (): number => Math.floor(rng() * 60);
  const fields = [
    bySecond ? drawField(rng, 0.3, 0, 59, minutes) : plain("0", [0]),
    drawField(rng, 0.2, 0, 59, minutes),
    drawField(rng, 0.25, 0, 23, () => near(date.getUTCHours(), 23)),
    drawField(rng, 0.7, 1, 31, () => near(date.getUTCDate() - 1, 30) + 1),
    drawField(rng, 0.8, 1, 12, () => date.getUTCMonth() + 1),
    drawField(rng, 0.7, 0, 7, () => near(date.getUTCDay(), 7)),
  ];
  // Both as they must be for the grammar: Sunday is 0, and no date is impossible.
  fields[5] = { ...fields[5]!, values: new Set([...fields[5]!.values].map((day) => day % 7)) };
  if (Math.min(...fields[3]!.values) > 28) fields[3] = plain("*", range(1, 31, 1));
  const texts = fields.map(({ text }) => text);
  if (!bySecond && rng() < 0.5) texts.shift();
  return { expression: texts.join(" "), fields };
}

function drawField(
  rng: Rng,
  star: number,
  min: number,
  max: number,
  draw: () => number,
): DrawnField {
  if (rng() < star) return spread("*", range(min, max, 1));
  const items = Array.from({ length: rng() < 0.7 ? 1 : 2 }, () => drawItem(rng, min, max, draw));
  return {
    text: items.map(({ text }) => text).join(","),
    values: new Set(items.flatMap((item) => [...item.values])),
    spread: items.some((item) => item.spread),
  };
}

function drawItem(rng: Rng, min: number, max: number, draw: () => number): DrawnField {
  const [a, b] = [draw(), draw()];
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  const step = 1 + Math.floor(rng() * (rng() < 0.1 ? 100 : max / 2));
  const kind = Math.floor(rng() * 8);
  if (kind === 0) return spread(`*/${step}`, range(min, max, step));
  if (kind === 1) return spread(`${a}/${step}`, range(a, max, step));
  if (kind === 2 && low < high) return spread(`${low}-${high}`, range(low, high, 1));
  if (kind === 3 && low < high) return spread(`${low}-${high}/${step}`, range(low, high, step));
  return plain(`${a}`, [a]);
}

function plain(text: string, values: readonly number[]): DrawnField {
  return { text, values: new Set(values), spread: false };
}

function spread(text: string, values: readonly number[]): DrawnField {
  return { text, values: new Set(values), spread: values.length > 1 };
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}
