/**
 * The end of attempts, and what running handlers tell, in the memory store.
 *
 * @module
 */

import { type AttemptOutcome, MAX_LINE_LENGTH, MAX_LOG_LINES } from "../../job/job.ts";
import type { Outcome, Report, SettleReply, SettleRequest, SettleResult } from "../store.ts";
import { addAttempt, claim, heldBy } from "./claim.ts";
import type { Entry } from "./entry.ts";
import { pruneAged } from "./retain.ts";
import type { MemoryState } from "./state.ts";

/** Jobs past their retention that a settle removes at most, besides two per ended job. */
const PRUNED_PER_SETTLE = 64;

/** See `SettleStage.settle`. */
export function settle(state: MemoryState, request: SettleRequest): SettleReply {
  const results = request.outcomes.map((outcome) => settleOne(state, outcome));
  if (request.startMark !== undefined) state.startMarks.write(request.startMark);
  pruneAged(state, PRUNED_PER_SETTLE + 2 * request.outcomes.length);
  return request.claim === undefined
    ? { results }
    : { results, claimed: claim(state, request.claim) };
}

function settleOne(state: MemoryState, outcome: Outcome): SettleResult {
  const entry = heldBy(state, outcome);
  if (entry === undefined) {
    return state.jobs.get(outcome.id)?.settledFence === outcome.fence ? "already" : "lost";
  }
  const { verdict } = outcome;
  entry.settledFence = outcome.fence;
  switch (verdict.kind) {
    case "release":
      state.giveBack(entry);
      break;
    case "complete":
      record(state, entry, outcome, "completed");
      entry.result = verdict.result;
      state.finish(entry, "completed", null);
      break;
    case "retry":
      record(state, entry, outcome, "retry");
      state.insight.count(entry.lane, "retried", state.clock.now());
      if (verdict.counted) entry.retryCount++;
      entry.error = verdict.error.message;
      state.delay(entry, "retry", state.clock.now() + verdict.delayMs);
      state.events.job("retry", entry, { error: verdict.error.message });
      break;
    case "dead_letter":
      record(state, entry, outcome, "dead_letter");
      state.finish(entry, "dead_letter", verdict.error.message);
      break;
    case "cancel":
      record(state, entry, outcome, "canceled");
      state.finish(entry, "canceled", verdict.error.message);
      break;
    default:
      verdict satisfies never;
  }
  return "ok";
}

function record(
  state: MemoryState,
  entry: Entry,
  settled: Outcome,
  outcome: AttemptOutcome,
): void {
  const { ranMs, verdict } = settled;
  const finishedAt = state.clock.now();
  state.insight.time(entry.lane, settled, finishedAt);
  state.errors.add(entry.job, verdict, finishedAt);
  const startedAt = finishedAt - Math.floor(ranMs);
  const { server, pool } = entry.holder!;
  const attempt = { attempt: entry.attemptsMade + 1, startedAt, finishedAt, outcome, server, pool };
  addAttempt(entry, "error" in verdict ? { ...attempt, error: verdict.error } : attempt);
}

/** See `SettleStage.report`. */
export function report(state: MemoryState, reports: readonly Report[]): ("ok" | "lost")[] {
  const at = state.clock.now();
  return reports.map((told) => {
    const entry = heldBy(state, told);
    if (entry === undefined) return "lost";
    if (told.progress !== undefined) {
      const { value, message } = told.progress;
      entry.progress = message === undefined
        ? { value, at }
        : { value, message: message.slice(0, MAX_LINE_LENGTH), at };
      state.events.job("progress", entry, { value });
    }
    if (told.logs !== undefined) {
      const lines = told.logs.map((text) => ({ at, text: text.slice(0, MAX_LINE_LENGTH) }));
      entry.logs = [...entry.logs, ...lines].slice(-MAX_LOG_LINES);
    }
    return "ok";
  });
}
