/**
 * Hits of one key in a window of time, as all stores count them: how many end
 * to count at which time. The times are rounded up to a step of the window, so
 * that there are few however many hits there are; so each counts for its window,
 * and up to one step longer.
 *
 * Redis does the same in lua/shared/hits.lua.
 *
 * @module
 */

import type { HitReply, HitRule } from "./desk_stage.ts";

/** Hits that count until a time. */
export interface HitGroup {
  /** Epoch milliseconds: from then on they do not count. */
  readonly endsAt: number;
  /** How many they are. */
  readonly count: number;
}

/** What became of a hit, and the hits that count from now on. */
export interface Hit {
  readonly reply: HitReply;
  /** By their ends, each of which is there once. */
  readonly groups: readonly HitGroup[];
}

/** Steps of a window. */
const STEPS = 50;

/** Counts a hit, if there is room for it. */
export function hit(before: readonly HitGroup[], rule: HitRule, now: number): Hit {
  const { limit, windowMs, count = 1 } = rule;
  const step = Math.max(1, Math.floor(windowMs / STEPS));
  const endsAt = Math.ceil((now + windowMs) / step) * step;
  const groups = cut(before, now, endsAt);
  const used = sumOf(groups);
  if (used + count <= limit) {
    const all = cut([...groups, { endsAt, count }], now, endsAt);
    return { reply: { allowed: true, used: used + count, retryInMs: 0 }, groups: all };
  }
  let left = used;
  let retryInMs = 0;
  for (const group of groups) {
    if (left + count <= limit) break;
    left -= group.count;
    retryInMs = group.endsAt - now;
  }
  return { reply: { allowed: false, used, retryInMs }, groups };
}

/** The hits that count after the newest `count` were given back. */
export function unhit(before: readonly HitGroup[], count: number, now: number): HitGroup[] {
  let left = count;
  const groups: HitGroup[] = [];
  for (const group of cut(before, now, Infinity).reverse()) {
    const taken = Math.min(left, group.count);
    left -= taken;
    if (taken < group.count) groups.unshift({ ...group, count: group.count - taken });
  }
  return groups;
}

/** Those that count now; what would count for longer than until `last` does so until then. */
function cut(groups: readonly HitGroup[], now: number, last: number): HitGroup[] {
  const kept: HitGroup[] = [];
  for (const group of groups) {
    if (group.endsAt <= now) continue;
    const endsAt = Math.min(group.endsAt, last);
    const before = kept.at(-1);
    if (before?.endsAt === endsAt) {
      kept[kept.length - 1] = { endsAt, count: before.count + group.count };
    } else kept.push({ endsAt, count: group.count });
  }
  return kept;
}

function sumOf(groups: readonly HitGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

/** Hits as text: `end:count` with commas between them. */
export function encodeHits(groups: readonly HitGroup[]): string {
  return groups.map(({ endsAt, count }) => `${endsAt}:${count}`).join(",");
}

/** Hits by their text; what cannot be read of it is left out. */
export function decodeHits(text: string): HitGroup[] {
  return Array.from(text.matchAll(/(\d+):(\d+)/g), ([, endsAt, count]) => ({
    endsAt: Number(endsAt),
    count: Number(count),
  }));
}
