/**
 * The graph around a job: those that it depends on, directly or not, and those that depend on it.
 *
 * @module
 */

import type { JobRecord } from "../job/job.ts";
import type { Store } from "../store/store.ts";
import type { Call } from "./call.ts";

/** How far to look. */
export interface GraphLimits {
  /** Most steps from the job. */
  readonly depth: number;
  /** Most jobs. */
  readonly maxNodes: number;
}

/** Jobs of a graph. */
export interface Graph {
  /** The job that was asked for, then the others by their distance from it. */
  readonly jobs: readonly JobRecord[];
  /** Whether there are more. */
  readonly truncated: boolean;
}

/** Most jobs that a step reads in vain, as they are gone or not for whoever asks. */
const SPARE = 50;
/** Jobs whose children are asked for at once. */
const BATCH = 50;

/** The jobs that a job names as its parents, or runs after. */
export function parentsOf({ settings, pendingParents }: JobRecord): ReadonlySet<string> {
  return new Set([...(settings.dependsOn ?? []).map(({ id }) => id), ...pendingParents]);
}

/**
 * Walks from a job up to its parents and theirs, and down to its children and theirs, step by
 * step. Jobs that are not for whoever asks are left out, and so is what lies behind them.
 */
export async function walkGraph(
  call: Call,
  root: JobRecord,
  { depth, maxNodes }: GraphLimits,
): Promise<Graph> {
  const store = await call.desk.store();
  const jobs = new Map([[root.id, root]]);
  let ends: Ends = { up: [root], down: [root] };
  for (let step = 1; ends.up.length + ends.down.length > 0; step++) {
    const room = step > depth ? 0 : maxNodes - jobs.size;
    const next = await neighbours({ call, store, jobs, ends, room });
    for (const job of [...next.up, ...next.down]) jobs.set(job.id, job);
    if (next.more) return { jobs: [...jobs.values()], truncated: true };
    ends = next;
  }
  return { jobs: [...jobs.values()], truncated: false };
}

/** Jobs at which a walk goes on, upwards or downwards. */
interface Ends {
  readonly up: readonly JobRecord[];
  readonly down: readonly JobRecord[];
}

/** One step of a walk. */
interface Step {
  readonly call: Call;
  readonly store: Store;
  /** Those that were found before, by id. */
  readonly jobs: ReadonlyMap<string, JobRecord>;
  readonly ends: Ends;
  /** How many more may be found. */
  readonly room: number;
}

/** Reads the neighbours of the ends of a walk; `more`: whether some of them were left out. */
async function neighbours(
  { call, store, jobs, ends, room }: Step,
): Promise<Ends & { readonly more: boolean }> {
  const most = room + SPARE;
  const parents = new Set(ends.up.flatMap((job) => [...parentsOf(job)]));
  const near = new Set([...parents].filter((id) => !jobs.has(id)));
  let isCut = false;
  for (let at = 0; at < ends.down.length && near.size <= most; at += BATCH) {
    const some = ends.down.slice(at, at + BATCH);
    const pages = await Promise.all(some.map(({ id }) => store.children(id, { limit: most })));
    for (const { ids, cursor } of pages) {
      for (const id of ids) if (!jobs.has(id)) near.add(id);
      isCut ||= cursor !== undefined;
    }
  }
  isCut ||= near.size > most;
  const down = new Set(ends.down.map(({ id }) => id));
  const found = (await store.getJobs([...near].slice(0, most)))
    .filter((job) => job !== null)
    .filter((job) => call.sees(job.queue))
    // An id may be that of a child that is gone, and was used again.
    .filter((job) => parents.has(job.id) || !down.isDisjointFrom(parentsOf(job)));
  const some = found.slice(0, room);
  return {
    up: some.filter(({ id }) => parents.has(id)),
    down: some.filter(({ id }) => !parents.has(id)),
    // Of what was not looked at, nobody learns who may not see all of it.
    more: found.length > room || isCut && call.who.queues === null,
  };
}
