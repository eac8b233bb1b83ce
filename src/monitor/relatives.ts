/**
 * The jobs that a job names: its parents, and what canceled it. Whoever has only some queues learns
 * nothing of those in others.
 *
 * @module
 */

import type { JobRecord } from "../job/job.ts";
import type { Call } from "./call.ts";

/** Most named jobs that are looked at for those who see only some queues; they are not told of more. */
const MOST_NAMED = 250;

/** Looks which of the jobs that some jobs name there are for whoever asks. */
export async function seesNamed(
  call: Call,
  records: readonly JobRecord[],
): Promise<(id: string) => boolean> {
  if (call.who.queues === null) return () => true;
  const named = new Set(records.flatMap(namedBy));
  if (named.size === 0) return () => false;
  const found = await (await call.desk.store()).getJobs([...named].slice(0, MOST_NAMED));
  const seen = found.filter((job) => job !== null).filter(({ queue }) => call.sees(queue));
  const ids = new Set(seen.map(({ id }) => id));
  return (id) => ids.has(id);
}

/** A job that says that a parent's end canceled it, but not which: as its `error` names that one too. */
export function withoutCanceler(record: JobRecord): JobRecord {
  if (record.canceledBy === null) return record;
  return { ...record, canceledBy: null, error: "A job that it depends on failed, or is gone" };
}

function namedBy({ settings, pendingParents, canceledBy }: JobRecord): string[] {
  const parents = (settings.dependsOn ?? []).map(({ id }) => id);
  return [...parents, ...pendingParents, ...canceledBy === null ? [] : [canceledBy]];
}
