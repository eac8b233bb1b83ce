/**
 * What is said about an attempt once its end is in the store: log lines, the
 * handler's callbacks and the server's hooks.
 *
 * @module
 */

import { runForJob } from "../context/current.ts";
import { type Logger, writes } from "../logger.ts";
import type { SettleResult } from "../store/store.ts";
import type { AttemptPorts, AttemptResult, RunningAttempt } from "./attempt.ts";
import type { JobCanceledError } from "./errors.ts";
import type { AttemptEnd, Callback, HandlerEntry } from "./handler.ts";

/** Status after each kind of verdict; `release` ends no attempt. */
const STATUS = {
  complete: "completed",
  retry: "retry",
  dead_letter: "dead_letter",
  cancel: "canceled",
} as const;

/** What the end of an attempt needs from the server. */
export interface EndPorts extends Pick<AttemptPorts, "logger" | "after"> {
  /** Takes note of callbacks under way. */
  readonly track: (work: Promise<void>) => void;
}

/** Logs the end of an attempt and calls back. Returns at once. */
export function reportEnd(
  attempt: RunningAttempt,
  result: AttemptResult,
  settled: SettleResult,
  entry: HandlerEntry,
  ports: EndPorts,
): void {
  logEnd(attempt, result, settled, ports.logger);
  const { verdict, error } = result;
  if (verdict === undefined || verdict.kind === "release" || settled === "lost") return;
  const { onSuccess, onFailure, onComplete } = entry.options;
  const first = verdict.kind === "complete" ? onSuccess : onFailure;
  if (first === undefined && onComplete === undefined && result.context === undefined) return;
  const status = STATUS[verdict.kind];
  const end = verdict.kind === "complete"
    ? { status, result: result.result }
    : { status, error: error ?? verdict.error };
  callBack(attempt, result, end, [first, onComplete], ports);
}

/** Logs the end of an attempt whose job was canceled meanwhile, and calls back. Returns at once. */
export function reportCanceled(
  attempt: RunningAttempt,
  result: AttemptResult,
  error: JobCanceledError,
  { options: { onFailure, onComplete } }: HandlerEntry,
  ports: EndPorts,
): void {
  const { id, claimed: { type, queue } } = attempt;
  const fields = { id, type, queue, ranMs: Math.round(result.ranMs) };
  ports.logger.info("Job was canceled while it ran", { ...fields, reason: error.reason });
  callBack(attempt, result, { status: "canceled", error }, [onFailure, onComplete], ports);
}

/** Calls the handler's callbacks, then the server's hooks. */
function callBack(
  { claimed }: RunningAttempt,
  { job, context, ranMs }: AttemptResult,
  ended: Pick<AttemptEnd, "status" | "result" | "error">,
  callbacks: readonly (Callback | undefined)[],
  { logger, after, track }: EndPorts,
): void {
  if (job === undefined) return;
  const hooks = context === undefined ? [] : after;
  const end: AttemptEnd = { job, ...ended, attempt: job.attempt, ranMs };
  const calls = [...callbacks, ...hooks.map((hook): Callback => hook.bind(undefined, context!))];
  track(runForJob(claimed, () => callAll(calls, end, logger)));
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
