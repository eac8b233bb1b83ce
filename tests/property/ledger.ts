/**
 * What a history knows of the jobs that a store has accepted: so that whatever
 * the model says, none may run too early, be there twice, or go without reason.
 */

import type { EdgePolicy, JobRecord, JobSettings } from "../../src/job/job.ts";
import { isFinal, type JobStatus } from "../../src/job/state.ts";
import { keepMs } from "../../src/store/retention.ts";
import type { ActionReply, EnqueueReply, NewJob, RetentionLimits } from "../../src/store/store.ts";
import { hold } from "./broken.ts";

/** One job that was accepted; another with the same id is another one. */
interface Known {
  readonly id: string;
  readonly settings: JobSettings;
  readonly edges: readonly { readonly parent: Known; readonly policy: EdgePolicy }[];
  /** When it was seen last, or became final. */
  seenAt: number;
  /** Whether it has been final, or has gone. */
  ended: boolean;
  completed: boolean;
  gone: boolean;
  /** Whether somebody removed it. */
  removed: boolean;
  /** Whether others wait for it, or did. */
  isParent: boolean;
}

/** Most jobs that a retention by count keeps before it counts for nothing here. */
const MANY = 10_000;

/** All jobs of a history. */
export class Ledger {
  readonly #limits: RetentionLimits;
  /** The newest job with an id. */
  readonly #jobs = new Map<string, Known>();
  /** The newest job with a key. */
  readonly #owners = new Map<string, Known>();
  /** Jobs with a time by which they must have been started. */
  readonly #expiring = new Set<Known>();

  constructor(limits: RetentionLimits) {
    this.#limits = limits;
  }

  /** Ids of the parents and owners that matter for some new jobs, as far as they are known. */
  around(groups: readonly (readonly NewJob[])[]): string[] {
    const ids = new Set<string>();
    for (const { settings } of groups.flat()) {
      for (const { id } of settings.dependsOn ?? []) if (this.#jobs.has(id)) ids.add(id);
      const key = settings.unique?.key ?? null;
      const owner = key === null ? undefined : this.#owners.get(key);
      if (owner !== undefined) ids.add(owner.id);
    }
    return [...ids];
  }

  /** Jobs with a key: one that is brought back becomes its owner. */
  get keyed(): string[] {
    return [...this.#jobs.values()]
      .filter(({ settings, gone }) => !gone && (settings.unique?.key ?? null) !== null)
      .map(({ id }) => id);
  }

  /** Ids of jobs that are there for all that is known. */
  get present(): string[] {
    return [...this.#jobs.values()].filter(({ gone }) => !gone).map(({ id }) => id);
  }

  /** Whether others wait for a job, or did. */
  isParent(id: string): boolean {
    return this.#jobs.get(id)?.isParent ?? false;
  }

  /** Whether a job may have expired and, where that matters, has others that wait for it. */
  mayExpire(now: number, onlyParents: boolean): boolean {
    for (const known of this.#expiring) {
      if (known.gone || known.ended) this.#expiring.delete(known);
      else if (known.settings.expireAt! <= now && (known.isParent || !onlyParents)) return true;
    }
    return false;
  }

  /** Notes what a call wrote; `before` are the records `around` it. */
  enqueued(
    groups: readonly (readonly NewJob[])[],
    replies: readonly EnqueueReply[],
    before: ReadonlyMap<string, JobRecord | null>,
    now: number,
  ): void {
    const fresh = new Set<Known>();
    for (const [i, reply] of replies.entries()) {
      if (reply.outcome !== "created") continue;
      for (const [k, job] of groups[i]!.entries()) {
        fresh.add(this.#accept(job, reply.statuses[k]!, before, now, fresh));
      }
    }
  }

  #accept(
    job: NewJob,
    status: JobStatus,
    before: ReadonlyMap<string, JobRecord | null>,
    now: number,
    fresh: ReadonlySet<Known>,
  ): Known {
    const { id, settings } = job;
    const old = this.#jobs.get(id);
    if (old !== undefined) old.ended = old.gone = true;
    const edges = (settings.dependsOn ?? []).flatMap((edge) => {
      const parent = this.#jobs.get(edge.id);
      return parent === undefined || parent.gone ? [] : [{ parent, policy: edge.onFailure }];
    });
    const all = edges.length === (settings.dependsOn ?? []).length;
    hold(all || job.onMissingParent === "resolved", `Every parent of '${id}' must be there`, edges.length);
    const known: Known = {
      id,
      settings,
      edges,
      seenAt: now,
      ended: isFinal(status),
      completed: false,
      gone: false,
      removed: false,
      isParent: false,
    };
    for (const { parent } of edges) parent.isParent = true;
    this.#jobs.set(id, known);
    if (settings.expireAt !== undefined) this.#expiring.add(known);
    const key = settings.unique?.key ?? null;
    if (key === null) return known;
    const owner = this.#owners.get(key);
    const record = owner === undefined || owner.gone || fresh.has(owner)
      ? null
      : before.get(owner.id) ?? null;
    if (record !== null && keepsOut(record, now)) {
      const runsAfter = job.onConflict === "rerun" && record.status === "processing";
      hold(runsAfter, `Key '${key}' of '${id}' must be free`, record.id);
    }
    this.#owners.set(key, known);
    return known;
  }

  /** Notes how jobs are, or that they are not there. */
  saw(records: Iterable<readonly [string, JobRecord | null]>, now: number): void {
    for (const [id, record] of records) {
      const known = this.#jobs.get(id);
      if (known === undefined || known.gone) {
        hold(record === null, `Job '${id}' must not be there`, record?.status);
        continue;
      }
      if (record === null) this.#went(known, now);
      else this.#is(known, record, now);
    }
  }

  #is(known: Known, { status, finishedAt }: JobRecord, now: number): void {
    known.seenAt = finishedAt ?? now;
    if (isFinal(status)) known.ended = true;
    if (status === "completed") known.completed = true;
  }

  /** A job is gone: retention took it, or somebody did. */
  #went(known: Known, now: number): void {
    const { settings, seenAt } = known;
    const ends = ["completed", "dead_letter", "canceled"] as const;
    const keeps = ends.map((status) => keepMs(settings, status, this.#limits)).filter((ms) => ms >= 0);
    const mayGo = known.removed || this.#limits.maxCount < MANY || now >= seenAt + Math.min(...keeps);
    hold(mayGo, `Job '${known.id}' must be kept`, now - seenAt);
    known.ended = known.gone = true;
  }

  /** An attempt completed its job. */
  completed(id: string): void {
    const known = this.#jobs.get(id);
    if (known !== undefined) known.ended = known.completed = true;
  }

  /** Notes what became of jobs that somebody removed. */
  removed(ids: readonly string[], replies: readonly ActionReply[]): void {
    for (const [i, reply] of replies.entries()) {
      const known = this.#jobs.get(ids[i]!);
      if (known !== undefined && reply.outcome === "done") known.removed = true;
    }
  }

  /** Jobs that were final before and wait now have been brought back, and own their keys. */
  broughtBack(
    before: readonly (JobRecord | null)[],
    after: readonly (JobRecord | null)[],
  ): void {
    for (const [i, record] of after.entries()) {
      const was = before[i] ?? null;
      if (was === null || record === null || !isFinal(was.status) || isFinal(record.status)) continue;
      const key = record.settings.unique?.key ?? null;
      const known = this.#jobs.get(record.id);
      if (key !== null && known !== undefined) this.#owners.set(key, known);
    }
  }

  /** Parents whose end is not known yet, of jobs that are claimed. */
  openParents(ids: readonly string[]): string[] {
    const open = new Set<string>();
    for (const id of ids) {
      for (const { parent } of this.#jobs.get(id)?.edges ?? []) {
        if (!parent.ended && this.#jobs.get(parent.id) === parent) open.add(parent.id);
      }
    }
    return [...open];
  }

  /** Checks that jobs may run: every parent has let them go. */
  claimed(ids: readonly string[]): void {
    for (const id of ids) {
      for (const { parent, policy } of this.#jobs.get(id)?.edges ?? []) {
        const letsGo = policy === "cancel" ? parent.completed : parent.ended;
        hold(letsGo, `Parent '${parent.id}' must let '${id}' go by '${policy}'`, "claimed");
      }
    }
  }

  /** Checks that jobs stand where their parents let them stand, once all children are told. */
  checkFamilies(records: ReadonlyMap<string, JobRecord>): void {
    for (const { id, status, pendingParents, canceledBy, error } of records.values()) {
      const edges = this.#jobs.get(id)?.edges ?? [];
      if (status !== "deferred") {
        hold(pendingParents.length === 0, `Job '${id}' must wait for none`, pendingParents);
      } else {
        hold(pendingParents.length > 0, `Deferred job '${id}' must wait for a parent`, edges.length);
        for (const parent of pendingParents) {
          const now = records.get(parent)?.status ?? "gone";
          const isOpen = now !== "gone" && !isFinal(now);
          hold(isOpen, `Parent '${parent}' of deferred job '${id}' must be open`, now);
        }
      }
      if (canceledBy === null) continue;
      const edge = edges.find(({ parent }) => parent.id === canceledBy);
      const failed = edge?.policy === "cancel" && edge.parent.ended;
      hold(status === "canceled" && failed, `'${canceledBy}' must have canceled '${id}'`, status);
      const text = `Parent '${canceledBy}' (ended as (canceled|dead_letter)|was removed)`;
      const isTold = error !== null && error.startsWith(`Parent '${canceledBy}' `) &&
        /(ended as (canceled|dead_letter)|was removed)$/.test(error);
      hold(isTold, `Error of '${id}' must be ${text}`, error);
    }
  }
}

/** Whether a job keeps others with its key out. */
function keepsOut({ settings, createdAt, status, attemptsMade }: JobRecord, now: number): boolean {
  const { until, ttlMs } = settings.unique!;
  if (ttlMs !== undefined && createdAt + ttlMs <= now) return false;
  switch (until) {
    case "started":
      return status !== "processing" && !isFinal(status) && attemptsMade === 0;
    case "finished":
      return !isFinal(status);
    case "removed":
      return true;
  }
}
