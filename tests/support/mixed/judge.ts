/**
 * What must hold of jobs of all kinds at the end, whatever happened to workers
 * and store: none is lost, none was done twice, none began before its parents.
 */

import type { JobRecord, JobStatus, Store } from "../../../mod.ts";

/** What was found. */
export interface Findings {
  /** Accepted jobs that are not there, or ended otherwise than their kind allows. */
  readonly lost: readonly string[];
  /**
   * Jobs that two holders had at once, or whose end is not that of their latest
   * holder, or that have two ends; and jobs that ran beside one with their key.
   */
  readonly doubled: readonly string[];
  /** Jobs that began before a parent had ended as its edge demands. */
  readonly early: readonly string[];
  /** Attempts whose holder died or lost its lease. */
  readonly deliveries: number;
  /** Handlers that ended after they had heard that their job was no longer theirs. */
  readonly late: number;
  /**
   * Handlers that began under a fence that is not their job's latest by then: their process stood
   * still right before. What they return is refused.
   */
  readonly stale: number;
}

/** A line that a worker wrote. */
interface Effect {
  readonly what: string;
  readonly fence: number;
  /** Number of the line. A line is written after what led to it. */
  readonly at: number;
}

/** Time by which the clocks of a worker and the store may differ over one handler. */
const SLACK_MS = 2;
/** Attempts that a job keeps. */
const KEPT = 25;
const AT_ONCE = 500;

/** Judges all that was accepted. */
export async function judge(
  store: Store,
  accepted: ReadonlyMap<string, readonly JobStatus[]>,
  file: string,
): Promise<Findings> {
  const records = await readAll(store, [...accepted.keys()]);
  const effects = await readEffects(file);
  const lost: string[] = [];
  const doubled: string[] = [];
  const early: string[] = [];
  let deliveries = 0;
  for (const [id, ends] of accepted) {
    const job = records.get(id);
    if (job === undefined || !ends.includes(job.status)) {
      lost.push(`${id}: ${job?.status ?? "gone"} (${job?.error}), not ${ends.join(" or ")}`);
      if (job === undefined) continue;
    }
    deliveries += job.attempts.filter(({ outcome }) => outcome === "lost").length;
    const own = effects.get(id) ?? [];
    doubled.push(...doubledBy(job, own).map((why) => `${id}: ${why}`));
    early.push(...earlyBy(job, records, effects).map((why) => `${id}: ${why}`));
  }
  doubled.push(...sharedKeys([...records.values()]));
  const late = [...effects.values()].flat().filter(({ what }) => what === "late").length;
  const stale = [...effects.values()].reduce((sum, own) => sum + staleStarts(own), 0);
  return { lost, doubled, early, deliveries, late, stale };
}

function staleStarts(effects: readonly Effect[]): number {
  let latest = 0;
  let stale = 0;
  for (const { what, fence } of effects) {
    if (what === "start" && fence < latest) stale++;
    latest = Math.max(latest, fence);
  }
  return stale;
}

function doubledBy({ attempts, status, result, holder }: JobRecord, effects: readonly Effect[]) {
  const found: string[] = [];
  const completed = attempts.filter(({ outcome }) => outcome === "completed").length;
  if (completed !== (status === "completed" ? 1 : 0)) found.push(`completed ${completed} times`);
  if (holder !== null) found.push("ended, and held");
  attempts.forEach(({ startedAt }, i) => {
    const before = attempts[i - 1];
    if (before === undefined || before.finishedAt <= startedAt + SLACK_MS) return;
    found.push(`attempt ${i + 1} began ${before.finishedAt - startedAt} ms before the last ended`);
  });
  const fences = effects.filter(({ what }) => what === "start").map(({ fence }) => fence);
  if (new Set(fences).size < fences.length) found.push("a fence began twice");
  if (status !== "completed") return found;
  const latest = Math.max(...fences);
  if (Number(result) !== latest) found.push(`the end of ${result} counts, not that of ${latest}`);
  return found;
}

/** Jobs of one unique key that ran at the same time, by the store's clock. */
function sharedKeys(records: readonly JobRecord[]): string[] {
  const byKey = Map.groupBy(records, ({ settings }) => settings.unique?.key);
  byKey.delete(undefined);
  return [...byKey].flatMap(([key, jobs]) => {
    const runs = jobs.flatMap(({ id, attempts }) => attempts.map((run) => ({ ...run, id })))
      .sort((a, b) => a.startedAt - b.startedAt || a.finishedAt - b.finishedAt);
    return runs.slice(1).flatMap(({ id, startedAt }, i) => {
      const before = runs[i]!;
      if (before.id === id || before.finishedAt <= startedAt + SLACK_MS) return [];
      return [`${id} began before ${before.id} of the same key ${key} had ended`];
    });
  });
}

function earlyBy(
  { id, settings, attempts }: JobRecord,
  records: ReadonlyMap<string, JobRecord>,
  effects: ReadonlyMap<string, readonly Effect[]>,
): string[] {
  const own = effects.get(id) ?? [];
  const found = own.some(({ what }) => what === "early") ? ["saw a parent that had not ended"] : [];
  const start = own.find(({ what }) => what === "start")?.at ?? Infinity;
  const startedAt = attempts[0]?.startedAt ?? Infinity;
  for (const { id: parentId, onFailure } of settings.dependsOn ?? []) {
    const parent = records.get(parentId);
    if (parent === undefined) continue;
    const mustComplete = onFailure === "cancel";
    if (mustComplete && parent.status !== "completed") {
      if (own.length > 0) found.push(`ran though parent ${parentId} is ${parent.status}`);
      continue;
    }
    const end = mustComplete ? lastEnd(parent) : firstEnd(parent);
    if (startedAt + SLACK_MS < end.at) {
      found.push(`began at ${startedAt}, parent ${parentId} ended at ${end.at}`);
    }
    if (!end.completed) continue;
    const line = effects.get(parentId)!.find(({ what, fence }) =>
      what === "end" && fence === Number(parent.result)
    );
    if (line === undefined || start < line.at) found.push(`began before the end of ${parentId}`);
  }
  return found;
}

/** An end of a job. */
interface End {
  readonly at: number;
  readonly completed: boolean;
}

/** The end that a job came to first: a person may have retried it after that. */
function firstEnd(job: JobRecord): End {
  const first = job.attempts.find(({ outcome }) => outcome !== "retry" && outcome !== "lost");
  if (first === undefined || job.attemptsMade > KEPT) return lastEnd(job);
  return { at: first.finishedAt, completed: first.outcome === "completed" };
}

function lastEnd({ finishedAt, status }: JobRecord): End {
  return { at: finishedAt ?? Infinity, completed: status === "completed" };
}

async function readAll(store: Store, ids: readonly string[]): Promise<Map<string, JobRecord>> {
  const records = new Map<string, JobRecord>();
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    for (const record of await store.getJobs(ids.slice(i, i + AT_ONCE))) {
      if (record !== null) records.set(record.id, record);
    }
  }
  return records;
}

/** The lines of each job, in their order. */
async function readEffects(file: string): Promise<Map<string, Effect[]>> {
  const effects = new Map<string, Effect[]>();
  const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
  lines.forEach((line, at) => {
    const [what = "", id = "", fence] = line.split(" ");
    const own = effects.get(id);
    const effect = { what, fence: Number(fence), at };
    if (own === undefined) effects.set(id, [effect]);
    else own.push(effect);
  });
  return effects;
}
