/**
 * What is said about an attempt once its end is in the store: log lines and the
 * handler's callbacks.
 *
 * @module
 */

import { type Logger, writes } from "../logger.ts";
import type { SettleResult } from "../store/store.ts";
import type { AttemptResult, RunningAttempt } from "./attempt.ts";
import type { JobCanceledError } from "./errors.ts";
import type { AttemptEnd, Callback, HandlerEntry } from "./handler.ts";

/** Status after each kind of verdict; `release` ends no attempt. */
const STATUS = {
  complete: "completed",
  retry: "retry",
  dead_letter: "dead_letter",
  cancel: "canceled",
} as const;

/** Logs the end of an attempt and calls back. Returns at once. */
export function reportEnd(
  attempt: RunningAttempt,
  result: AttemptResult,
  settled: SettleResult,
  entry: HandlerEntry,
  ports: { readonly logger: Logger; readonly track: (work: Promise<void>) => void },
): void {
  logEnd(attempt, result, settled, ports.logger);
  const { verdict, job, error } = result;
  if (verdict === undefined || verdict.kind === "release" || settled === "lost") return;
  const { onSuccess, onFailure, onComplete } = entry.options;
  const first = verdict.kind === "complete" ? onSuccess : onFailure;
  if (job === undefined || (first === undefined && onComplete === undefined)) return;
  const status = STATUS[verdict.kind];
  const end: AttemptEnd = verdict.kind === "complete"
    ? { job, status, result: result.result }
    : { job, status, error: error ?? verdict.error };
  ports.track(callAll([first, onComplete], end, ports.logger));
}

/** Logs the end of an attempt whose job was canceled meanwhile, and calls back. Returns at once. */
export function reportCanceled(
  { id, claimed }: RunningAttempt,
  { job, ranMs }: AttemptResult,
  error: JobCanceledError,
  { options }: HandlerEntry,
  { logger, track }: {
    readonly logger: Logger;
    readonly track: (work: Promise<void>) => void;
  },
): void {
  const fields = { id, type: claimed.type, queue: claimed.queue, ranMs: Math.round(ranMs) };
  logger.info("Job was canceled while it ran", { ...fields, reason: error.reason });
  const { onFailure, onComplete } = options;
  if (job === undefined || (onFailure === undefined && onComplete === undefined)) return;
  track(callAll([onFailure, onComplete], { job, status: "canceled", error }, logger));
}

function logEnd(
  { id, claimed }: RunningAttempt,
  { verdict, ranMs }: AttemptResult,
  settled: SettleResult,
  logger: Logger,
): void {
  const completed = verdict?.kind === "complete" && settled !== "lost";
  if (completed && !writes(logger, "debug")) return;
  const fields = { id, type: claimed.type, queue: claimed.queue, ranMs: Math.round(ranMs) };
  if (verdict === undefined || verdict.kind === "release") {
    return logger.info("Job given back", fields);
  }
  if (settled === "lost") {
    return logger.warn("Job was taken from this server before it ended", fields);
  }
  switch (verdict.kind) {
    case "complete":
      return logger.debug("Job completed", fields);
    case "retry": {
      const { delayMs, error } = verdict;
      return logger.warn("Job failed, will be retried", {
        ...fields,
        delayMs,
        error: error.message,
      });
    }
    case "dead_letter":
      return logger.error("Job failed for good", { ...fields, error: verdict.error.message });
    case "cancel":
      return logger.info("Job canceled", { ...fields, error: verdict.error.message });
  }
}

async function callAll(
  callbacks: readonly (Callback | undefined)[],
  end: AttemptEnd,
  logger: Logger,
): Promise<void> {
  for (const callback of callbacks) {
    try {
      await callback?.(end);
    } catch (error) {
      const { id, type } = end.job;
      logger.error("Callback failed", { id, type, callback: callback?.name, error });
    }
  }
}
