/**
 * That no job of a group is there twice.
 *
 * @module
 */

import type { NewJob } from "../store/store.ts";
import { DuplicateIdInBatchError } from "./errors.ts";

/**
 * Checks the jobs of a group.
 *
 * @throws {DuplicateIdInBatchError} If two have one id or one unique key.
 */
export function checkDistinct(jobs: readonly NewJob[]): void {
  const ids = isRising(jobs) ? undefined : new Set<string>();
  let keys: Set<string> | undefined;
  for (const { id, settings } of jobs) {
    if (ids?.has(id)) throw new DuplicateIdInBatchError(id);
    ids?.add(id);
    const key = settings.unique?.key ?? null;
    if (key === null) continue;
    keys ??= new Set();
    if (keys.has(key)) throw new DuplicateIdInBatchError(key, "unique key");
    keys.add(key);
  }
}

/** Whether ids stand in their order, so that none is there twice: as those do that were made here. */
function isRising(jobs: readonly NewJob[]): boolean {
  for (let i = 1; i < jobs.length; i++) if (!(jobs[i - 1]!.id < jobs[i]!.id)) return false;
  return true;
}
