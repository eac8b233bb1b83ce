/**
 * Rules: what an alert is for, as plain data, and what holds where one says nothing.
 *
 * @module
 */

/** What is wrong. */
export type AlertKind =
  | "queue_stalled"
  | "oldest_age"
  | "failure_rate"
  | "dead_server"
  | "store_degraded";

/** What rules of every kind may say. */
export interface AlertRuleBase {
  /**
   * Its name, by which its alerts are known: 1 to 40 of the characters `a-z A-Z 0-9 . _ -`. Of two
   * rules of a kind one must have a name of its own.
   * @default {what `when` says}
   */
  readonly name?: string;
  /**
   * Milliseconds for which all must be well again before the alert is resolved, so that one that
   * comes and goes is told once.
   * @default {60_000}
   */
  readonly resolveMs?: number;
}

/** Jobs are ready, and none is started. What is paused does not count. */
export interface QueueStalledRule extends AlertRuleBase {
  /** The kind of rule. */
  readonly when: "queue_stalled";
  /** Only this queue; absent or `*`: each queue by itself, but the one of webhooks. */
  readonly queue?: string;
  /** For so many milliseconds. @default {300_000} */
  readonly forMs?: number;
}

/** A job is ready for too long. What is paused does not count. */
export interface OldestAgeRule extends AlertRuleBase {
  /** The kind of rule. */
  readonly when: "oldest_age";
  /** Only this queue; absent or `*`: each queue by itself, but the one of webhooks. */
  readonly queue?: string;
  /** Only jobs of this type, instead of all types of the queue together. */
  readonly type?: string;
  /** For more than so many milliseconds. @default {3_600_000} */
  readonly aboveMs?: number;
}

/** Too many attempts fail. */
export interface FailureRateRule extends AlertRuleBase {
  /** The kind of rule. */
  readonly when: "failure_rate";
  /** Only this queue; absent or `*`: each queue by itself, but the one of webhooks. */
  readonly queue?: string;
  /** Only jobs of this type, instead of all types of the queue together. */
  readonly type?: string;
  /** More than this share of those that ended, 0 to 1. @default {0.5} */
  readonly above?: number;
  /** Of the last so many milliseconds, at most an hour, in whole minutes. @default {300_000} */
  readonly overMs?: number;
  /** Not before so many have ended. @default {20} */
  readonly minCount?: number;
}

/** A server or consumer has gone without a word: its leases have ended. */
export interface DeadServerRule extends AlertRuleBase {
  /** The kind of rule. */
  readonly when: "dead_server";
  /** Milliseconds after which it is no news any more: the alert is resolved. @default {600_000} */
  readonly keepMs?: number;
}

/** The store does not answer the monitor, or too slowly. Each monitor judges by itself. */
export interface StoreDegradedRule extends AlertRuleBase {
  /** The kind of rule. */
  readonly when: "store_degraded";
  /** For so many milliseconds. @default {30_000} */
  readonly forMs?: number;
  /** An answer that takes more milliseconds than this is slow; at most 5000. @default {1000} */
  readonly aboveMs?: number;
}

/** What an alert is for. */
export type AlertRule =
  | QueueStalledRule
  | OldestAgeRule
  | FailureRateRule
  | DeadServerRule
  | StoreDegradedRule;

/**
 * The rules of `alerts: true`: one of each kind, for all queues.
 *
 * @example
 * ```ts
 * import { createMonitor, defaultAlertRules, memoryStore } from "@gqm/gqm";
 *
 * await using monitor = createMonitor({
 *   store: memoryStore(),
 *   auth: "none",
 *   alerts: {
 *     rules: [
 *       ...defaultAlertRules,
 *       { name: "mail-waits", when: "oldest_age", queue: "mail", aboveMs: 60_000 },
 *     ],
 *   },
 * });
 * ```
 */
export const defaultAlertRules: readonly AlertRule[] = [
  { when: "queue_stalled" },
  { when: "oldest_age" },
  { when: "failure_rate" },
  { when: "dead_server" },
  { when: "store_degraded" },
];

/** A rule with all that it does not say. */
export interface Rule {
  readonly name: string;
  readonly when: AlertKind;
  /** Undefined for each queue by itself. */
  readonly queue: string | undefined;
  /** Undefined for all types together. */
  readonly type: string | undefined;
  /** What the value must not be above; milliseconds, or a share. */
  readonly threshold: number;
  /** For how long it must be above before the alert fires. */
  readonly holdMs: number;
  readonly resolveMs: number;
  /** Of `failure_rate`. */
  readonly overMs: number;
  /** Of `failure_rate`. */
  readonly minCount: number;
  /** Of `dead_server`. */
  readonly keepMs: number;
}

/** Queue of the jobs that send webhooks: no rule looks at it that does not name it. */
export const ALERT_QUEUE = "gqm";
/** Longest wait for the store, in milliseconds: it is away after that. */
export const PATIENCE_MS = 5000;
/** For how long all must be well, where no rule says. */
export const RESOLVE_MS = 60_000;

/** Fills in what a rule does not say. It must have been checked. */
export function toRule(rule: AlertRule): Rule {
  const { when, name = when, resolveMs = RESOLVE_MS } = rule;
  const base = { name, when, resolveMs, queue: undefined, type: undefined, threshold: 0 };
  const rest = { holdMs: 0, overMs: 0, minCount: 0, keepMs: 0 };
  switch (rule.when) {
    case "queue_stalled":
      return { ...base, ...rest, queue: named(rule.queue), threshold: rule.forMs ?? 300_000 };
    case "oldest_age": {
      const { aboveMs: threshold = 3_600_000, type } = rule;
      return { ...base, ...rest, queue: named(rule.queue), type, threshold };
    }
    case "failure_rate": {
      const { above: threshold = 0.5, overMs = 300_000, minCount = 20, type } = rule;
      return { ...base, ...rest, queue: named(rule.queue), type, threshold, overMs, minCount };
    }
    case "dead_server":
      return { ...base, ...rest, keepMs: rule.keepMs ?? 600_000 };
    case "store_degraded": {
      const { forMs: holdMs = 30_000, aboveMs: threshold = 1000 } = rule;
      return { ...base, ...rest, holdMs, threshold };
    }
    default:
      return rule satisfies never;
  }
}

function named(queue: string | undefined): string | undefined {
  return queue === "*" ? undefined : queue;
}
