/**
 * Limits in SQLite: rules are set, and slots get free.
 *
 * @module
 */

import type { LimitTarget, RuleLimits } from "../limit_stage.ts";
import { hasClaimable, lookAround, lookAtAll, putBack, typeWaits } from "./parking.ts";
import type { Transaction } from "./transaction.ts";

/** See `LimitStage.setLimit`. */
export function setLimit(tx: Transaction, target: LimitTarget, limits: RuleLimits | null): boolean {
  const more = tx.meters.set(target, limits);
  if (more === undefined) return false;
  tx.limitsChanged(more);
  tx.limitsSet = true;
  if ("key" in target) {
    tx.freedKeys.add(target.key);
  } else if (target.perKey) {
    lookAtAll(tx);
    lookAround(tx);
  } else {
    tx.freedTypes.add(target.type);
    const meter = tx.meters.ofType(target.type);
    const ms = meter === undefined || tx.meters.room(meter) > 0 ? null : tx.meters.untilMore(meter);
    const isWaitedFor = tx.lanes.ofType(target.type).some((lane) => hasClaimable(tx.db, lane));
    if (ms !== null && isWaitedFor) typeWaits(tx, target.type, ms);
  }
  return true;
}

/** Gives what got free in this transaction to those who wait for it. */
export function giveFreed(tx: Transaction): void {
  if (tx.freedKeys.size === 0) return;
  const keys = [...tx.freedKeys];
  tx.freedKeys.clear();
  for (const key of keys) putBack(tx, key);
}

/** Wakes who waits for types that got room in this transaction, and still have it. */
export function wakeFreedTypes(tx: Transaction): void {
  for (const type of tx.freedTypes) {
    const meter = tx.meters.ofType(type);
    if (meter !== undefined && tx.meters.room(meter) === 0) continue;
    for (const lane of tx.lanes.ofType(type)) {
      if (hasClaimable(tx.db, lane)) tx.woken.add(lane);
    }
  }
  tx.freedTypes.clear();
}
