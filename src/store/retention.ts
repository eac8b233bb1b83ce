/**
 * How long a final job is kept: its own limits first, then the store's.
 *
 * @module
 */

import { checkInteger } from "../checks.ts";
import type { JobSettings } from "../job/job.ts";
import type { JobStatus } from "../job/state.ts";
import type { RetentionLimits } from "./store.ts";

const DAY_MS = 86_400_000;

/** 7 d, 30 d and 100 000 jobs per queue and status. */
export const defaultRetention: RetentionLimits = {
  completedMs: 7 * DAY_MS,
  failedMs: 30 * DAY_MS,
  maxCount: 100_000,
};

/**
 * Fills in the defaults and checks the limits.
 *
 * @throws {InvalidOptionError} If an age is below −1 or the count below 0.
 */
export function resolveRetention(limits: Partial<RetentionLimits> = {}): RetentionLimits {
  const resolved = { ...defaultRetention, ...limits };
  checkInteger("open store", "retention.completedMs", resolved.completedMs, -1);
  checkInteger("open store", "retention.failedMs", resolved.failedMs, -1);
  checkInteger("open store", "retention.maxCount", resolved.maxCount, 0);
  return resolved;
}

/**
 * Jobs above its own number that one ended job takes with it at most; prune takes
 * the rest. The same in every store, so that all keep the same jobs.
 */
export const COUNTED_OUT_PER_END = 16;

/** Milliseconds that a job is kept in a final status: −1 for ever, 0 not at all. */
export function keepMs(settings: JobSettings, status: JobStatus, limits: RetentionLimits): number {
  if (settings.retention?.maxCount === 0) return 0;
  if (status === "completed") return settings.retention?.completedMs ?? limits.completedMs;
  if (status === "dead_letter" && settings.deadLetter === false) return 0;
  return settings.retention?.failedMs ?? limits.failedMs;
}
