/**
 * What is said about an attempt once its end is in the store: log lines and the
 * handler's callbacks.
 *
 * @module
 */

import type { Logger } from "../logger.ts";
import type { SettleResult } from "../store/store.ts";
import type { AttemptResult, RunningAttempt } from "./attempt.ts";
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
  const { id, claimed } = attempt;
  const { verdict, job, error } = result;
  const { logger } = ports;
  const fields = { id, type: claimed.type, queue: claimed.queue, ranMs: Math.round(result.ranMs) };
  if (verdict === undefined || verdict.kind === "release") {
    logger.info("Job given back", fields);
    return;
  }
  if (settled === "lost") {
    logger.warn("Job was taken from this server before it ended", fields);
    return;
  }
  const status = STATUS[verdict.kind];
  switch (verdict.kind) {
    case "complete":
      logger.debug("Job completed", fields);
      break;
    case "retry":
      logger.warn("Job failed, will be retried", {
        ...fields,
        delayMs: verdict.delayMs,
        error: verdict.error.message,
      });
      break;
    case "dead_letter":
      logger.error("Job failed for good", { ...fields, error: verdict.error.message });
      break;
    case "cancel":
      logger.info("Job canceled", { ...fields, error: verdict.error.message });
      break;
  }
  const { onSuccess, onFailure, onComplete } = entry.options;
  const callbacks = [verdict.kind === "complete" ? onSuccess : onFailure, onComplete];
  if (job === undefined || callbacks.every((callback) => callback === undefined)) return;
  const end: AttemptEnd = verdict.kind === "complete"
    ? { job, status, result: result.result }
    : { job, status, error: error ?? verdict.error };
  ports.track(callAll(callbacks, end, logger));
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
