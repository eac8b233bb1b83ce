/**
 * What a schedule says, as a store keeps it: JSON with every default filled in,
 * so that the same schedule is the same text in every process.
 *
 * @module
 */

import type { JobSettings } from "../job/job.ts";
import type { NewJob, OverlapPolicy } from "../store/store.ts";

/**
 * What becomes of slots that nobody fired in time, as no scheduler ran: `none`
 * leaves them out (a slot counts as in time for a minute), `latest` fires the
 * newest of them, `{ all: n }` the newest n, 1 to 100, in order.
 */
export type CatchUp = "none" | "latest" | { readonly all: number };

/** The job that a schedule enqueues, without an id. */
export interface JobTemplate {
  /** The job's type. */
  readonly type: string;
  /** Name of the queue. */
  readonly queue: string;
  /** −30 to 30. */
  readonly priority: number;
  /** JSON text. */
  readonly payload: string;
  /** What the schedule sets. */
  readonly settings: JobSettings;
  /** Goes before its equals. */
  readonly atFront?: boolean;
}

/** When a schedule has its slots. One of `cron`, `everyMs` and `custom` is set. */
export interface TimingRules {
  /** Cron expression. */
  readonly cron?: string;
  /** Milliseconds between two slots. */
  readonly everyMs?: number;
  /** A function of the program says. */
  readonly custom?: true;
  /** Zone of the cron expression. */
  readonly timeZone: string;
  /** No slot before this, epoch milliseconds. */
  readonly startAt?: number;
  /** No slot after this, epoch milliseconds. */
  readonly endAt?: number;
}

/** A schedule, all said. */
export interface Definition {
  /** When. */
  readonly timing: TimingRules;
  /** What. */
  readonly job: JobTemplate;
  /** While the last job is not final. */
  readonly overlap: OverlapPolicy;
  /** After a time without schedulers. */
  readonly catchUp: CatchUp;
  /** A slot is fired up to this many milliseconds later. */
  readonly jitterMs: number;
  /** Whether it fires when a server that defines it starts. */
  readonly runOnStart: boolean;
  /** Whether it is not paused to begin with. */
  readonly enabled: boolean;
}

/** Reads what a store keeps. */
export function readDefinition(text: string): Definition {
  const definition = JSON.parse(text) as Definition;
  const { timing, job } = definition;
  if (typeof timing?.timeZone === "string" && typeof job?.type === "string") return definition;
  throw new RangeError(
    `Cannot read schedule as it must have timing and job: current value is ${text.slice(0, 200)}`,
  );
}

/** The job of a slot. */
export function jobOf(
  { job }: Definition,
  slot: { readonly id: string; readonly slotAt: number },
  jobId: string,
): NewJob {
  const { id, slotAt } = slot;
  return { ...job, id: jobId, settings: { ...job.settings, schedule: { id, slotAt } } };
}

/** Id of the job of a slot: the same whoever fires it, so that the store knows a repeat. */
export function slotJobId(
  { id, slotAt }: { readonly id: string; readonly slotAt: number },
): string {
  return `${id}.${slotAt}`;
}
