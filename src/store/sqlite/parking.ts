/**
 * Ready jobs that wait for room at a rule of their key, as the memory store's
 * `parking.ts` tells it: a parked row is in another index than those that claims
 * read.
 *
 * @module
 */

import { type Database, LIMIT } from "./database.ts";
import type { Meter } from "./meters.ts";
import { IS_CLAIMABLE, IS_PARKED } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** Jobs of a key and lane that one look puts back at most. */
const PUT_BACK_AT_ONCE = 100;
/** Looks that one step takes at most. */
const LOOKS_PER_STEP = 256;
/** Looks at all keys that have parked jobs, from the one after its name on. */
const ALL_KEYS = "a:";

/** The next look. */
export const NEXT_LOOK = "SELECT at FROM looks ORDER BY at LIMIT 1";
const DUE_LOOKS = `SELECT name FROM looks WHERE at <= ? ORDER BY at ${LIMIT}`;
const ADD_LOOK = `
INSERT INTO looks (name, at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`;
const BRING_FORWARD = "UPDATE looks SET at = ? WHERE name = ? AND at > ?";
const DROP_LOOK = "DELETE FROM looks WHERE name = ?";
/** Parks a job. */
export const PARK_JOB = "UPDATE jobs SET parked = 1 WHERE n = ?";
const UNPARK_JOB = "UPDATE jobs SET parked = 0 WHERE n = ?";
/** The first parked job of a key, from a lane on. */
export const PARKED_FROM =
  `SELECT lane FROM jobs WHERE ${IS_PARKED} AND limit_key = ? AND lane > ? ORDER BY lane LIMIT 1`;
/** The first parked jobs of a key and lane. */
export const PARKED_JOBS = `
SELECT n FROM jobs WHERE ${IS_PARKED} AND limit_key = ? AND lane = ?
ORDER BY priority DESC, order_seq ${LIMIT}`;
/** The next key that has parked jobs. */
export const NEXT_PARKED_KEY =
  `SELECT limit_key AS key FROM jobs WHERE ${IS_PARKED} AND limit_key > ? ORDER BY limit_key LIMIT 1`;
const HAS_CLAIMABLE = `SELECT 1 FROM jobs WHERE ${IS_CLAIMABLE} AND lane = ? LIMIT 1`;

/** Whether a lane has jobs that are not parked. */
export function hasClaimable(db: Database, lane: number): boolean {
  return db.get(HAS_CLAIMABLE, lane) !== undefined;
}

/** What must be known of a job to see which limits count it. */
export interface LimitedRow {
  readonly lane: number;
  readonly limit_key: string | null;
}

/** Parks a job if its key has no room; tells whether. */
export function park(tx: Transaction, row: LimitedRow & { readonly n: number }): boolean {
  const meter = meterOf(tx, row.lane, row.limit_key);
  if (meter === undefined || tx.meters.room(meter) > 0) return false;
  tx.db.run(PARK_JOB, row.n);
  lookLater(tx, row.limit_key!, meter);
  return true;
}

/** A claim begins: it takes slots and tokens. */
export function spend(tx: Transaction, { lane, limit_key: key }: LimitedRow): void {
  const byType = tx.meters.ofType(tx.lanes.name(lane).type);
  if (byType !== undefined) tx.meters.spend(byType);
  const byKey = meterOf(tx, lane, key);
  if (byKey === undefined) return;
  tx.meters.spend(byKey);
  if (byKey.limits.rate !== undefined && tx.db.get(PARKED_FROM, key, -1) !== undefined) {
    lookLater(tx, key!, byKey);
  }
}

/** Puts parked jobs of a key back, as many of each lane as there is room for. */
export function putBack(tx: Transaction, key: string): void {
  let lane = -1;
  while (true) {
    const found = tx.db.get<{ lane: number }>(PARKED_FROM, key, lane);
    if (found === undefined) return;
    lane = found.lane;
    const meter = meterOf(tx, lane, key);
    const room = meter === undefined ? Infinity : tx.meters.room(meter);
    const rows = tx.db.all<{ n: number }>(
      PARKED_JOBS,
      key,
      lane,
      Math.min(room, PUT_BACK_AT_ONCE),
    );
    for (const { n } of rows) tx.db.run(UNPARK_JOB, n);
    if (rows.length > 0) tx.woken.add(lane);
    if (rows.length === PUT_BACK_AT_ONCE && room > PUT_BACK_AT_ONCE) look(tx, `k:${key}`, 0);
    else if (meter !== undefined) lookLater(tx, key, meter);
  }
}

/** Jobs of a type wait for its next token. */
export function typeWaits(tx: Transaction, type: string, ms: number): void {
  look(tx, `t:${type}`, ms);
}

/** Looks at all keys that have parked jobs, some at a time. */
export function lookAtAll(tx: Transaction): void {
  look(tx, ALL_KEYS, 0);
}

/** Takes the looks that are due. */
export function lookAround(tx: Transaction): void {
  const names = tx.db.all<{ name: string }>(DUE_LOOKS, tx.now, LOOKS_PER_STEP);
  for (const { name } of names) {
    tx.limitsChanged(-tx.db.run(DROP_LOOK, name));
    const rest = name.slice(2);
    if (name.startsWith("k:")) putBack(tx, rest);
    else if (name.startsWith("t:")) tx.freedTypes.add(rest);
    else lookAtSome(tx, rest);
  }
}

function lookAtSome(tx: Transaction, after: string): void {
  let key = after;
  for (let left = LOOKS_PER_STEP; left > 0; left--) {
    const next = tx.db.get<{ key: string }>(NEXT_PARKED_KEY, key);
    if (next === undefined) return;
    key = next.key;
    putBack(tx, key);
  }
  look(tx, ALL_KEYS + key, 0);
}

function meterOf(tx: Transaction, lane: number, key: string | null): Meter | undefined {
  return key === null ? undefined : tx.meters.ofKey(tx.lanes.name(lane).type, key);
}

function lookLater(tx: Transaction, key: string, meter: Meter): void {
  const ms = tx.meters.untilMore(meter);
  if (ms !== null) look(tx, `k:${key}`, ms);
}

function look(tx: Transaction, name: string, ms: number): void {
  const at = tx.now + ms;
  const added = tx.db.run(ADD_LOOK, name, at);
  if (added === 0) tx.db.run(BRING_FORWARD, at, name, at);
  tx.limitsChanged(added);
}
