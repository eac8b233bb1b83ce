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
export interface Known {
  readonly id: string;
  readonly settings: JobSettings;
  readonly edges: readonly Edge[];
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

interface Edge {
  readonly parent: Known;
  readonly policy: EdgePolicy;
  /** Whether the parent was there for sure. */
  readonly isSure: boolean;
}

/** How a job was accepted. */
interface Acceptance {
  /** Records of the jobs around it, as they were before. */
  readonly before: ReadonlyMap<string, JobRecord | null>;
  readonly now: number;
  /** Jobs of the groups before it in the call. */
  readonly fresh: ReadonlySet<Known>;
  /** Jobs before it in its group. */
  readonly group: ReadonlySet<Known>;
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
      const group = new Set<Known>();
      for (const [k, job] of groups[i]!.entries()) {
        group.add(this.#accept(job, reply.statuses[k]!, { before, now, fresh, group }));
      }
      for (const known of group) fresh.add(known);
    }
  }

  #accept(
    job: NewJob,
    status: JobStatus,
    { before, now, fresh, group }: Acceptance,
  ): Known {
    const { id, settings } = job;
    const old = this.#jobs.get(id);
    if (old !== undefined) old.ended = old.gone = true;
    // One that was canceled as it came may have been removed at once, or by the next.
    const isUnsure = (one: Known): boolean =>
      fresh.has(one) && one.ended && this.#isCounted(one.settings);
    const edges = (settings.dependsOn ?? []).flatMap((edge) => {
      const parent = this.#jobs.get(edge.id);
      if (parent === undefined) return [];
      const isSure = group.has(parent) || !isUnsure(parent);
      // Of its own group a parent counts even if it has gone again.
      const isThere = group.has(parent) || !parent.gone;
      return isThere ? [{ parent, policy: edge.onFailure, isSure }] : [];
    });
    const all = (settings.dependsOn ?? []).every((edge) => {
      const parent = this.#jobs.get(edge.id);
      return parent !== undefined && (group.has(parent) || !parent.gone || isUnsure(parent));
    });
    hold(all || job.onMissingParent === "resolved", `Every parent of '${id}' must be there`, all);
    const known: Known = {
      id,
      settings,
      edges,
      seenAt: now,
      ended: isFinal(status),
      completed: false,
      gone: status === "canceled" && keepMs(settings, status, this.#limits) === 0,
      removed: false,
      isParent: false,
    };
    for (const { parent } of edges) parent.isParent = true;
    this.#jobs.set(id, known);
    if (settings.expireAt !== undefined) this.#expiring.add(known);
    const key = settings.unique?.key ?? null;
    if (key === null) return known;
    const owner = this.#owners.get(key);
    const record = owner === undefined || owner.gone || fresh.has(owner) || group.has(owner)
      ? null
      : before.get(owner.id) ?? null;
    // A job that was canceled as it came may have taken the oldest final ones with it.
    const mayBeTrimmed = record !== null && isFinal(record.status) &&
      this.#isCounted(record.settings) && [...fresh, ...group].some(({ ended }) => ended);
    if (record !== null && keepsOut(record, now) && !mayBeTrimmed) {
      const runsAfter = job.onConflict === "rerun" && record.status === "processing";
      hold(runsAfter, `Key '${key}' of '${id}' must be free`, record.id);
    }
    // One that runs once more after the owner waits for it without naming it.
    if (owner !== undefined && status === "deferred") owner.isParent = true;
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

  /** Whether others may take a job with them when they end. */
  #isCounted({ retention }: JobSettings): boolean {
    return this.#limits.maxCount < MANY || retention?.maxCount !== undefined;
  }

  /** A job is gone: retention took it, or somebody did. */
  #went(known: Known, now: number): void {
    const { settings, seenAt } = known;
    const ends = ["completed", "dead_letter", "canceled"] as const;
    const keeps = ends.map((status) => keepMs(settings, status, this.#limits)).filter((ms) =>
      ms >= 0
    );
    const mayGo = known.removed || this.#isCounted(settings) ||
      now >= seenAt + Math.min(...keeps);
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
      if (was === null || record === null || !isFinal(was.status) || isFinal(record.status)) {
        continue;
      }
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
      for (const { parent, policy, isSure } of this.#jobs.get(id)?.edges ?? []) {
        const letsGo = !isSure || (policy === "cancel" ? parent.completed : parent.ended);
        hold(letsGo, `Parent '${parent.id}' must let '${id}' go by '${policy}'`, "claimed");
      }
    }
  }

  /** Edges of a job to the parents that it found. */
  edges(id: string): Known["edges"] {
    return this.#jobs.get(id)?.edges ?? [];
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
