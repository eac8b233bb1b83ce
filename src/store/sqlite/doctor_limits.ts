/**
 * Checks what a job's row says for limits: that it is counted by the right key,
 * and that it does not stand aside for nothing.
 *
 * @module
 */

import type { Problem } from "../check_walk.ts";
import { decodeSettings } from "./codec.ts";
import type { CheckedRow } from "./doctor_jobs.ts";
import type { DoctorView } from "./doctor_view.ts";
import { PARKED_JOBS } from "./parking.ts";
import { IS_CLAIMABLE, STATUS_CODE } from "./schema.ts";

/** Jobs ahead of a parked one that are looked at, at most. */
const MOST_BEFORE = 1000;
const SET_KEY = "UPDATE jobs SET limit_key = ?, parked = 0 WHERE n = ?";
/** Jobs of a lane that go before one, with their keys; some, if they are very many. */
export const KEYS_BEFORE = `
SELECT limit_key AS key FROM jobs WHERE ${IS_CLAIMABLE} AND lane = ?
  AND (priority > ? OR priority = ? AND order_seq < ?)
ORDER BY priority DESC, order_seq LIMIT ${MOST_BEFORE}`;
const DUE_LOOK = "SELECT 1 FROM looks WHERE at <= ? LIMIT 1";
const TYPE_OF_LANE = "SELECT type FROM lanes WHERE lane = ?";

/** What is wrong with one job that is not final. */
export function checkLimits(view: DoctorView, row: CheckedRow): Problem[] {
  const { n, id, limit_key: key, settings } = row;
  const meant = decodeSettings(settings).limitKey ?? null;
  if (key !== meant) {
    const text = `Limits count it by the key '${key}', but its own is '${meant}'`;
    const mend = view.mend((tx) => {
      tx.db.run(SET_KEY, meant, n);
      for (const one of [key, meant]) if (one !== null) tx.freedKeys.add(one);
    });
    return [{ kind: "wrong_slot", id, text, mend }];
  }
  if (row.parked === 0 || row.status !== STATUS_CODE.ready || hasCause(view, row)) return [];
  return [{
    kind: "stuck_job",
    id,
    text: "It is parked, but its key has room, and nothing would tell it",
    mend: view.mend((tx) => {
      if (key === null) tx.db.run(SET_KEY, null, n);
      else tx.freedKeys.add(key);
    }),
  }];
}

/** Whether a parked job is right to stand aside: only the first of its key and lane is judged. */
function hasCause(view: DoctorView, row: CheckedRow): boolean {
  const { n, lane, limit_key: key, priority, order_seq: order } = row;
  if (key === null) return false;
  if (view.db.get<{ n: number }>(PARKED_JOBS, key, lane, 1)?.n !== n) return true;
  const type = view.db.get<{ type: string }>(TYPE_OF_LANE, lane)?.type;
  if (type === undefined || view.db.get(DUE_LOOK, view.now) !== undefined) return true;
  const { meters } = view;
  const meter = meters.ofKey(type, key);
  const room = meter === undefined ? 1 : meters.room(meter);
  if (room === 0) return true;
  const before = view.db.all<{ key: string | null }>(KEYS_BEFORE, lane, priority, priority, order);
  return before.length === MOST_BEFORE || before.filter((one) => one.key === key).length >= room;
}
