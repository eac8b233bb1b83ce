/**
 * Final jobs with a `maxCount` of their own, by queue, type and status.
 *
 * @module
 */

import type { JobStatus } from "../../job/state.ts";
import type { Entry } from "./entry.ts";
import { RetainedList } from "./retained_list.ts";
import type { Lane } from "./state.ts";

/** Those of one queue, type and status. */
export class Quota extends RetainedList {
  /** How many are to be kept: what the one that ended last says. */
  most: number = Infinity;
}

/** All of them. */
export class Quotas {
  readonly lists: Map<Lane, Map<JobStatus, Quota>> = new Map();
  /** Those that have more than they are to keep. */
  readonly over: Set<Quota> = new Set();

  /** Whether a job is counted. */
  has(entry: Entry): boolean {
    return this.lists.get(entry.lane)?.get(entry.status)?.entries.has(entry) ?? false;
  }

  /** Counts a job that has just ended, if it has a number; removes at most `limit` of those above it. */
  ended(entry: Entry, limit: number, remove: (oldest: Entry) => void): void {
    if (entry.job.settings.retention?.maxCount === undefined) return;
    this.#trim(this.add(entry), limit, remove);
  }

  /** Counts a job that has a number, as the newest. */
  add(entry: Entry): Quota {
    let statuses = this.lists.get(entry.lane);
    if (statuses === undefined) this.lists.set(entry.lane, statuses = new Map());
    let quota = statuses.get(entry.status);
    if (quota === undefined) statuses.set(entry.status, quota = new Quota());
    quota.entries.add(entry);
    quota.most = entry.job.settings.retention!.maxCount!;
    this.#weigh(quota);
    return quota;
  }

  /** Counts a job no more, as it leaves its status. */
  delete(entry: Entry): void {
    const statuses = this.lists.get(entry.lane);
    const quota = statuses?.get(entry.status);
    if (quota === undefined) return;
    this.drop(quota, entry);
    if (quota.entries.size > 0) return;
    statuses!.delete(entry.status);
    if (statuses!.size === 0) this.lists.delete(entry.lane);
  }

  /** Counts a job no more, whatever it says of itself. */
  drop(quota: Quota, entry: Entry): void {
    quota.entries.delete(entry);
    this.#weigh(quota);
  }

  /** Removes at most `limit` of all that are too many; returns how many. */
  prune(limit: number, remove: (oldest: Entry) => void): number {
    let removed = 0;
    for (const quota of this.over) {
      removed += this.#trim(quota, limit - removed, remove);
      if (removed === limit) break;
    }
    return removed;
  }

  #trim(quota: Quota, limit: number, remove: (oldest: Entry) => void): number {
    let removed = 0;
    while (removed < limit && this.over.has(quota)) {
      remove(quota.oldest()!);
      removed++;
    }
    return removed;
  }

  #weigh(quota: Quota): void {
    if (quota.entries.size > quota.most) this.over.add(quota);
    else this.over.delete(quota);
  }
}
