/**
 * Groups of failures in the memory store.
 *
 * @module
 */

import {
  cursorOf,
  ERROR_GROUP_MS,
  grouped,
  MAX_ERROR_GROUPS,
  placeOf,
  withJob,
} from "../error_groups.ts";
import type { ErrorGroup, ErrorGroupQuery, ErrorGroupsReply, Verdict } from "../store.ts";

/** All groups. */
export class ErrorGroups {
  readonly #groups = new Map<string, ErrorGroup>();

  /** Adds the end of an attempt, if it is a failure. */
  add(job: { readonly id: string; readonly type: string }, verdict: Verdict, now: number): void {
    const sample = grouped(verdict);
    if (sample === undefined) return;
    const before = this.#groups.get(sample.fingerprint);
    this.#groups.set(sample.fingerprint, {
      ...sample,
      type: job.type,
      count: (before?.count ?? 0) + 1,
      firstAt: before?.firstAt ?? now,
      lastAt: now,
      jobIds: withJob(before?.jobIds ?? [], job.id),
    });
    if (this.#groups.size > MAX_ERROR_GROUPS) {
      this.#groups.delete(this.#newestFirst().at(-1)!.fingerprint);
    }
  }

  /** Lets go of groups that have not failed for long. */
  letGo(now: number): void {
    for (const { fingerprint, lastAt } of this.#groups.values()) {
      if (lastAt <= now - ERROR_GROUP_MS) this.#groups.delete(fingerprint);
    }
  }

  /** See `ErrorStage.errorGroups`. */
  list(query: ErrorGroupQuery): ErrorGroupsReply {
    const after = placeOf(query);
    const { limit, type, fingerprint } = query;
    const groups = this.#newestFirst()
      .filter((group) => after === undefined || isBefore(after, group))
      .filter((group) => type === undefined || group.type === type)
      .filter((group) => fingerprint === undefined || group.fingerprint === fingerprint);
    const page = groups.slice(0, limit);
    return groups.length > limit
      ? { groups: page, cursor: cursorOf(page.at(-1)!) }
      : { groups: page };
  }

  #newestFirst(): ErrorGroup[] {
    return [...this.#groups.values()].sort((a, b) => isBefore(a, b) ? -1 : 1);
  }
}

/** Whether a group comes before another in the list. */
function isBefore(
  a: Pick<ErrorGroup, "lastAt" | "fingerprint">,
  b: Pick<ErrorGroup, "lastAt" | "fingerprint">,
): boolean {
  return a.lastAt > b.lastAt || (a.lastAt === b.lastAt && a.fingerprint > b.fingerprint);
}
