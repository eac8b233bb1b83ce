/**
 * What a history is made of: plain data, so that it can be printed, replayed and
 * shrunk. A step says nothing that depends on the ones before it: times are
 * relative to when it is played and count in `UNIT`s, jobs are named by ids,
 * which may be of none, and claims by a number that is taken modulo how many
 * there are.
 */

import type { JobStatus } from "../../src/job/state.ts";
import type {
  ClaimSource,
  FireKind,
  JobAction,
  LimitTarget,
  NewJob,
  OverlapPolicy,
  PauseTarget,
  RuleLimits,
  ScheduleNote,
  Verdict,
} from "../../src/store/store.ts";

/**
 * Milliseconds in which histories count time. Within one there is room for
 * many times that differ: which of two jobs with the same time goes first is open.
 */
export const UNIT = 16_384;

/** A job to be enqueued. */
export interface JobSpec extends Omit<NewJob, "payload" | "runAt" | "delayMs" | "holder"> {
  /** Length of the payload, in characters. */
  readonly length: number;
  /** `runAt`, counted from the moment of the step. */
  readonly runIn?: number;
  /** `delayMs`. */
  readonly delayIn?: number;
  /** `settings.expireAt`, counted from the moment of the step. */
  readonly expireIn?: number;
  /** The claim under which it is enqueued. */
  readonly under?: ClaimName;
}

/** What somebody does with jobs. */
export type ActionSpec =
  | Exclude<JobAction, { readonly kind: "retry" | "edit" }>
  | { readonly kind: "retry"; readonly length?: number; readonly revive?: boolean }
  | { readonly kind: "edit"; readonly length: number };

/** What a pool asks for. */
export interface ClaimSpec {
  readonly server: string;
  readonly sources: readonly ClaimSource[];
  readonly limit: number;
  readonly ahead?: number;
  readonly lease: number;
}

/** What a pool says of what it has started. */
export interface MarkSpec {
  readonly server: string;
  /** The first claim that it has not started, of whichever server; null if there is none. */
  readonly at: ClaimName | null;
}

/**
 * Names a claim. `held`: one that a server has. `old`: one that was settled, or
 * forgotten by a crash. `older` and `newer`: one that is held, with a fence that
 * was not given.
 */
export interface ClaimName {
  readonly of: "held" | "old" | "older" | "newer";
  /** Which one, modulo how many there are. */
  readonly n: number;
  /** Goes before `n`: one of this job. Written when a history is shrunk. */
  readonly id?: string;
  /** How many newer ones of that job there are. @default {0} */
  readonly back?: number;
}

/** The end of an attempt. */
export interface EndSpec extends ClaimName {
  readonly verdict: Verdict;
  readonly ranMs: number;
  /** Length of the result, where it is too long to be written out. */
  readonly resultLength?: number;
  /** Sent twice in the same call. */
  readonly twice?: boolean;
}

/** What a handler tells. */
export interface ReportSpec extends ClaimName {
  readonly progress?: { readonly value: number; readonly message?: string };
  readonly logs?: readonly string[];
}

/** A slot that fires. */
export interface FireSpec {
  readonly kind: FireKind;
  readonly overlap: OverlapPolicy;
  readonly job: JobSpec;
}

/** One step of a history: a call of the port, or what happens to the world around it. */
export type Step =
  | { readonly do: "enqueue"; readonly groups: readonly (readonly JobSpec[])[] }
  | { readonly do: "claim"; readonly claim: ClaimSpec }
  | {
    readonly do: "settle";
    readonly ends: readonly EndSpec[];
    readonly startMark?: MarkSpec;
    readonly claim?: ClaimSpec;
  }
  | {
    readonly do: "act";
    readonly ids: readonly string[];
    readonly action: ActionSpec;
    readonly from?: JobStatus;
  }
  | { readonly do: "pause"; readonly target: PauseTarget; readonly paused: boolean }
  /** Changes a schedule, or makes it. */
  | {
    readonly do: "schedule";
    readonly id: string;
    /** What it is from then on. */
    readonly write: "due" | "paused" | "custom" | "ended" | "same" | "remove";
    /** When its next slot is. */
    readonly in?: number;
    /** From a version that is not the newest. */
    readonly stale?: boolean;
    readonly notes?: readonly Omit<ScheduleNote, "slotAt">[];
    readonly fires?: readonly FireSpec[];
  }
  /** Sets a rule, or removes it; `perMs` counts in units. */
  | { readonly do: "limit"; readonly target: LimitTarget; readonly limits: RuleLimits | null }
  /** Goes on with what is left to be told, once: matters to a lazy history only. */
  | { readonly do: "relay"; readonly limit: number }
  | { readonly do: "report"; readonly told: readonly ReportSpec[] }
  | {
    readonly do: "heartbeat";
    readonly server: string;
    readonly lease: number;
    /** Which of its claims the server names, in turn. */
    readonly names: readonly boolean[];
    /** A claim that it no longer has, and names too. */
    readonly old?: number;
  }
  /** Until nothing more is moved, by `limit` in a call: which of equals comes first is open. */
  | { readonly do: "reap" | "expire" | "prune"; readonly limit: number }
  | { readonly do: "promote"; readonly limit: number }
  /** Both clocks go forward, and what is too old is pruned. */
  | { readonly do: "jump"; readonly by: number; readonly pruneLimit: number }
  /** A server says goodbye, though it may hold something. */
  | { readonly do: "leave"; readonly server: string }
  /** A server forgets what it holds. */
  | { readonly do: "crash"; readonly server: string }
  /** Resumes everything, and runs all that is left to its end. */
  | { readonly do: "drain" };

/** A step of one kind. */
export type StepOf<K extends Step["do"]> = Extract<Step, { readonly do: K }>;

/** The servers that claim. */
export const servers: readonly string[] = ["s1", "s|2%", "s3"];

/** The pool of every claim. */
export const POOL = "p|%";
