/**
 * What the end of a job means for its children: they are released or canceled,
 * or revived if a person brings their parent back. See `relay_queue.ts` for how
 * this work is kept within bounds.
 *
 * @module
 */

import type { StepReply } from "../store.ts";
import { type ActedRow, bringBack, JOB_TO_ACT_ON } from "./bring_back.ts";
import { LIMIT } from "./database.ts";
import { clearEdge, letsGo } from "./edges.ts";
import { ENDING_COLUMNS, type EndingRow, finish } from "./finish.ts";
import { release, type ReleasedRow } from "./moves.ts";
import type { Relay } from "./relay_queue.ts";
import { LINK, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";

/** The next children of a job, in the order in which they came. */
export const NEXT_CHILDREN = `
SELECT n, policy, edges.pending AS waits, jobs.pending AS pending, lane, status, moved, run_at,
  delay_ms, at_front, attempts_made, canceled_by
FROM edges CROSS JOIN jobs ON jobs.n = edges.child
WHERE edges.parent = ? AND child > ? ORDER BY child ${LIMIT}`;

interface ChildRow extends ReleasedRow {
  readonly policy: number;
  /** 1: it waits on this edge. */
  readonly waits: number;
  /** Edges on which it waits. */
  readonly pending: number;
  readonly moved: number;
  readonly canceled_by: string | null;
}

/** Tells the children of the jobs that this transaction has ended, as far as it may. */
export function tellChildren(tx: Transaction): void {
  for (let relay = tx.relays.next(); relay !== undefined; relay = tx.relays.next()) {
    if (goOn(tx, relay)) tx.relays.done();
  }
}

/** See `SettleStage.relay`. */
export function relay(tx: Transaction, limit: number): StepReply {
  const { relays } = tx;
  relays.budget = limit;
  while (relays.budget > 0) {
    const oldest = relays.oldest();
    if (oldest === undefined) break;
    if (goOn(tx, oldest.relay)) oldest.done();
    else oldest.save();
    tellChildren(tx);
  }
  relays.flush();
  return { moved: relays.moved, nextInMs: relays.stored > 0 ? 0 : null };
}

/** Tells some children; true if those were the last. */
function goOn(tx: Transaction, relay: Relay): boolean {
  const asked = tx.relays.budget;
  const rows = tx.db.all<ChildRow>(NEXT_CHILDREN, relay.parent, relay.cursor, asked);
  for (const row of rows) {
    const isMoved = relay.how === null ? revive(tx, row) : tell(tx, relay, row);
    if (isMoved) tx.relays.moved++;
    relay.cursor = row.n;
  }
  tx.relays.budget -= Math.max(1, rows.length);
  return rows.length < asked;
}

/** Tells one child; whether that moves it. */
function tell(
  tx: Transaction,
  { parent, id, how, completed, before }: Relay,
  row: ChildRow,
): boolean {
  if (row.waits === 0 || row.n >= before) return false;
  if (letsGo(completed, row.policy)) {
    clearEdge(tx, parent, row.n);
    if (row.pending > 1 || row.status !== STATUS_CODE.deferred) return false;
    release(tx, row);
    tx.relays.released++;
    return true;
  }
  if (row.status !== STATUS_CODE.deferred || row.moved >= before) return false;
  const ending = tx.db.get<EndingRow>(`SELECT ${ENDING_COLUMNS} FROM jobs WHERE n = ?`, row.n)!;
  const error = `Parent '${id}' ${how}`;
  finish(tx, ending, { status: "canceled", error, result: null, canceledBy: id });
  return true;
}

/** Tells one child of an end that nothing else would tell it of, and what follows from that. */
export function tellLost(tx: Transaction, relay: Relay, child: number): void {
  const [row] = tx.db.all<ChildRow>(NEXT_CHILDREN, relay.parent, child - 1, 1);
  if (row?.n === child) tell(tx, relay, row);
  tellChildren(tx);
}

/** Brings one child back; whether it may come. */
function revive(tx: Transaction, { n, status, canceled_by: by }: ChildRow): boolean {
  if (status !== STATUS_CODE.canceled || by === null) return false;
  const row = tx.db.get<ActedRow>(`${JOB_TO_ACT_ON} WHERE n = ?`, n)!;
  if (bringBack(tx, row) !== undefined) return false;
  reviveChildren(tx, row);
  return true;
}

/** Brings back, in its turn, the children of a job that ends of parents had canceled. */
export function reviveChildren(tx: Transaction, row: ActedRow): void {
  if ((row.links & LINK.children) !== 0) tx.relay(row, null, false);
}
