/**
 * New jobs in SQLite that have to do with others: parents, and jobs that are
 * the same work. All of a group is checked before any of it is written.
 *
 * @module
 */

import type { JobStatus } from "../../job/state.ts";
import type { EnqueueReply, NewJob } from "../store.ts";
import { statusOf } from "./codec.ts";
import { type NewEdge, newEdge, PARENT_BY_ID, type ParentRow, writeEdges } from "./edges.ts";
import { tellJob } from "./events.ts";
import { ENDING_COLUMNS, type EndingRow, finish, remove } from "./finish.ts";
import { inserted, insertJob } from "./insert.ts";
import { delay, makeReady } from "./moves.ts";
import { replacePayload } from "./payload.ts";
import { trimEnded } from "./retain.ts";
import { IS_FINAL, IS_WAITING, LINK, STATUS_CODE } from "./schema.ts";
import type { Transaction } from "./transaction.ts";
import { liveOwner, own, STANDING_COLUMNS, type StandingRow } from "./unique.ts";

/** The job that has an id. */
export const STANDING_BY_ID = `SELECT ${STANDING_COLUMNS} FROM jobs WHERE id = ?`;
/**
 * Parents of a group that have failed, by id: they count also if the end of
 * another job of the group takes them out of the store.
 */
type Failed = Map<string, ParentRow>;

const SET_OWN_TIME = "UPDATE jobs SET run_at = ?, delay_ms = ? WHERE n = ?";

/** Writes a group, or says why not. */
export function writeChecked(tx: Transaction, group: readonly NewJob[]): EnqueueReply {
  for (const [index, job] of group.entries()) {
    const other = sameWork(tx, job);
    if (other === undefined || runsAfter(job, other)) continue;
    const { id } = other;
    const merged = group.length === 1 ? merge(tx, other, job) : undefined;
    if (merged !== undefined) return { outcome: "merged", id, status: merged };
    return { outcome: "duplicate", index, id, status: statusOf(other.status) };
  }
  const before = new Set<string>();
  const failed: Failed = new Map();
  for (const [index, { id, settings, onMissingParent }] of group.entries()) {
    for (const edge of settings.dependsOn ?? []) {
      if (before.has(edge.id)) continue;
      const parent = tx.db.get<ParentRow>(PARENT_BY_ID, edge.id);
      if (parent === undefined && onMissingParent !== "resolved") {
        return { outcome: "missing_parent", index, id: edge.id };
      }
      if (parent !== undefined && hasFailed(parent)) failed.set(edge.id, parent);
    }
    before.add(id);
  }
  return { outcome: "created", statuses: group.map((job) => write(tx, job, failed)) };
}

function hasFailed({ status }: ParentRow): boolean {
  return IS_FINAL.has(status) && status !== STATUS_CODE.completed;
}

/** The job that is there and is the same work: by its id, or by its key. */
function sameWork(tx: Transaction, job: NewJob): StandingRow | undefined {
  const byId = tx.db.get<StandingRow>(STANDING_BY_ID, job.id);
  if (byId !== undefined && !makesRoom(tx, byId, job)) return byId;
  const key = job.settings.unique?.key ?? null;
  return key === null ? undefined : liveOwner(tx, key);
}

/** Whether a job is final and its time as the only one with its id is over. */
function makesRoom(tx: Transaction, old: StandingRow, { settings: { unique } }: NewJob): boolean {
  if (unique === undefined || unique.key !== null || !IS_FINAL.has(old.status)) return false;
  if (unique.until !== "removed") return true;
  return unique.ttlMs !== undefined && old.created_at + unique.ttlMs <= tx.now;
}

/** Whether a new job is to run once more after the job that has its key. */
function runsAfter(job: NewJob, owner: StandingRow): boolean {
  return job.onConflict === "rerun" && owner.status === STATUS_CODE.processing &&
    owner.id !== job.id;
}

/** Gives a waiting job what the new one brings; undefined if that is not asked for or not possible. */
function merge(tx: Transaction, row: StandingRow, job: NewJob): JobStatus | undefined {
  const { onConflict, delayMs, runAt } = job;
  if (onConflict !== "replace" && onConflict !== "debounce") return undefined;
  if (!IS_WAITING.has(row.status) || tx.lanes.name(row.lane).type !== job.type) return undefined;
  const status = statusOf(row.status);
  replacePayload(tx, row, job.payload);
  if (onConflict === "replace") return status;
  const due = Math.ceil(delayMs === undefined ? runAt ?? tx.now : tx.now + delayMs);
  if (status === "deferred") {
    const ownTime = delayMs === undefined && runAt !== undefined ? Math.ceil(runAt) : null;
    tx.db.run(SET_OWN_TIME, ownTime, delayMs === undefined ? null : Math.ceil(delayMs), row.n);
    return status;
  }
  if (status === "retry") {
    delay(tx, row, "retry", due);
    return status;
  }
  if (due > tx.now) {
    delay(tx, row, "scheduled", due);
    if (status !== "scheduled") tellJob(tx, "scheduled", row, STATUS_CODE.scheduled);
    return "scheduled";
  }
  if (status === "scheduled") {
    makeReady(tx, row, "own");
    tellJob(tx, "ready", row, STATUS_CODE.ready);
  }
  return "ready";
}

/** Writes one job of a group that was checked. */
function write(tx: Transaction, job: NewJob, failed: Failed): JobStatus {
  const old = tx.db.get<StandingRow>(STANDING_BY_ID, job.id);
  if (old !== undefined) remove(tx, old);
  const { unique } = job.settings;
  const key = unique?.key ?? null;
  const owner = key === null ? undefined : liveOwner(tx, key);
  const edges = edgesOf(tx, job, owner, failed);
  const pending = edges.filter(({ isPending }) => isPending);
  const links = (edges.length > 0 ? LINK.parents : 0) | (key !== null ? LINK.key : 0);
  const row = insertJob(tx, job, { links, pending: pending.length })!;
  const status = inserted(tx, row);
  writeEdges(tx, row.n, edges);
  if (key !== null) own(tx, key, unique!, { n: row.n, created_at: tx.now });
  const fatal = pending.find(({ parent }) => IS_FINAL.has(parent.status))?.parent;
  if (fatal === undefined) return status;
  cancelOnArrival(tx, row.n, fatal);
  if (tx.db.get(PARENT_BY_ID, job.id) === undefined) {
    failed.set(job.id, { n: row.n, id: job.id, status: STATUS_CODE.canceled, links });
  }
  return "canceled";
}

/** Writes one job whose id is free and that has neither parents nor a key, to run after another if one is given. */
export function writeAfter(tx: Transaction, job: NewJob, after: StandingRow | undefined): void {
  const edges = after === undefined ? [] : [newEdge(after, "continue")];
  const links = after === undefined ? 0 : LINK.parents;
  const row = insertJob(tx, job, { links, pending: edges.length })!;
  inserted(tx, row);
  writeEdges(tx, row.n, edges);
}

function cancelOnArrival(tx: Transaction, n: number, { id, status }: ParentRow): void {
  finish(tx, tx.db.get<EndingRow>(`SELECT ${ENDING_COLUMNS} FROM jobs WHERE n = ?`, n)!, {
    status: "canceled",
    error: `Parent '${id}' ended as ${statusOf(status)}`,
    result: null,
    canceledBy: id,
  });
  trimEnded(tx);
}

/** The edges of a new job. A parent that was not there before it has nothing to say. */
function edgesOf(
  tx: Transaction,
  { settings: { dependsOn = [] } }: NewJob,
  owner: StandingRow | undefined,
  failed: Failed,
): NewEdge[] {
  const edges: NewEdge[] = [];
  for (const { id, onFailure } of dependsOn) {
    const parent = tx.db.get<ParentRow>(PARENT_BY_ID, id) ?? failed.get(id);
    if (parent !== undefined) edges.push(newEdge(parent, onFailure));
  }
  if (owner !== undefined && !dependsOn.some(({ id }) => id === owner.id)) {
    edges.push(newEdge(owner, "continue"));
  }
  return edges;
}
