/**
 * What may become of a job in one call, and what its record looks like.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { JobRecord } from "../../job/job.ts";
import { canMove, isFinal, type Transition } from "../../job/state.ts";
import type { RetentionLimits } from "../../store/store.ts";

/** Retention while histories run. */
export const historyLimits: RetentionLimits = { completedMs: 60, failedMs: 90, maxCount: 1000 };

/** A call of the store; `look` is any that moves nothing. */
export type Verb =
  | "enqueue"
  | "promote"
  | "expire"
  | "claim"
  | "settle"
  | "reap"
  | "prune"
  | "look";
type Status = Transition["from"] | Transition["to"];

const promotes: readonly Status[][] = [["scheduled", "ready"], ["retry", "ready"]];
const expires: readonly Status[][] = [["ready", "canceled"], ["scheduled", "canceled"]];

/** Retention may be applied by whatever ends jobs; when, is checked apart. */
const retires: readonly Status[][] = [["completed", "gone"], ["dead_letter", "gone"], [
  "canceled",
  "gone",
]];

/** The ways, move by move, that a job may go in one call of a verb. */
const ways: Readonly<Record<Verb, readonly Status[][]>> = {
  enqueue: [["new", "ready"], ["new", "scheduled"]],
  promote: promotes,
  expire: [...expires, ...retires],
  claim: [
    ["ready", "processing"],
    ["scheduled", "ready", "processing"],
    ["retry", "ready", "processing"],
    ["scheduled", "ready", "canceled"],
    ...promotes,
    ...expires,
    ...retires,
  ],
  settle: [
    ["processing", "completed"],
    ["processing", "retry"],
    ["processing", "dead_letter"],
    ["processing", "canceled"],
    ["processing", "ready"],
    ["processing", "dead_letter", "gone"],
    ["processing", "completed", "gone"],
    ...retires,
  ],
  reap: [["processing", "ready"], ["processing", "dead_letter"], [
    "processing",
    "dead_letter",
    "gone",
  ], ...retires],
  prune: retires,
  look: [],
};

/** Asserts that a verb may move a job so, by moves of the table only. */
export function assertWay(verb: Verb, id: string, from: Status, to: Status): void {
  const way = ways[verb].find((one) => one[0] === from && one.at(-1) === to);
  assert.ok(way !== undefined, `${verb}() must not move job '${id}' from '${from}' to '${to}'`);
  for (let i = 1; i < way.length; i++) {
    const [a, b] = [way[i - 1] as Transition["from"], way[i] as Transition["to"]];
    assert.ok(canMove(a, b), `the table of moves must allow '${a}' to '${b}'`);
  }
}

/** Asserts that a job may have been removed by now. */
export function assertMayGo(before: JobRecord, now: number): void {
  if (!isFinal(before.status)) {
    const { deadLetter, retention } = before.settings;
    assert.ok(
      deadLetter === false || retention?.completedMs === 0,
      `job '${before.id}' must be kept`,
    );
    return;
  }
  const keptMs = before.status === "completed" ? historyLimits.completedMs : historyLimits.failedMs;
  assert.ok(now >= before.finishedAt! + keptMs, `job '${before.id}' must be kept longer`);
}

/** Asserts that the fields of a record fit its status. */
export function assertShape(record: JobRecord): void {
  const { id, status } = record;
  const facts = {
    holder: record.holder !== null,
    runAt: record.runAt !== null,
    finishedAt: record.finishedAt !== null,
    result: record.result === null || status === "completed",
    error: record.error === null || status !== "completed",
    attempts: record.attempts.length === Math.min(25, record.attemptsMade),
    lost: record.attempts.filter((one) => one.outcome === "lost").length <= record.deliveries,
    retries: record.retryCount <= record.attemptsMade,
    started: record.attemptsMade === 0 || record.startedAt !== null,
  };
  assert.deepEqual(facts, {
    holder: status === "processing",
    runAt: status === "scheduled" || status === "retry",
    finishedAt: isFinal(status),
    result: true,
    error: true,
    attempts: true,
    lost: true,
    retries: true,
    started: true,
  }, `shape of job '${id}' while '${status}'`);
}
