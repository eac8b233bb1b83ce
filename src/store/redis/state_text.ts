/**
 * States as text, and how they are read; see codec.ts.
 *
 * @module
 */

import type { Attempt, AttemptOutcome, Failure } from "../../job/job.ts";
import { lostMessage } from "../lost_message.ts";
import { unescapeName } from "./claim_text.ts";
import { unreadable } from "./record_text.ts";
import { fromShort } from "./short_id.ts";

/** What a state says. */
export interface DecodedState {
  readonly status: "c" | "d" | "x" | "t" | "r" | "w";
  readonly retryCount: number;
  readonly attemptsMade: number;
  readonly deliveries: number;
  readonly finishedAt: number | null;
  readonly attempts: readonly Attempt[];
  readonly error: string | null;
  readonly result: string | null;
  /** Fence of the claim that was settled last. */
  readonly fence: string;
  /** Whether the result has a key of its own. */
  readonly bigResult: boolean;
  /** The parent whose end canceled it. */
  readonly canceledBy: string | null;
}

const outcomes: Readonly<Record<string, AttemptOutcome>> = {
  c: "completed",
  r: "retry",
  d: "dead_letter",
  x: "canceled",
  l: "lost",
};

const STATE = /^[cdxtrw]\|\d+\|\d+\|\d+\|\d+\|\d*\|/;

/**
 * Reads a state.
 *
 * @throws {RangeError} If it cannot be read.
 */
export function decodeState(text: string): DecodedState {
  try {
    if (STATE.test(text)) return readState(text);
  } catch {
    // Refused below.
  }
  throw unreadable("state", text);
}

function readState(text: string): DecodedState {
  let at = text.indexOf("\n");
  const head = (at < 0 ? text : text.slice(0, at)).split("|");
  const status = head[0] as DecodedState["status"];
  const attemptsMade = Number(head[2]);
  const lines: string[] = [];
  let error: string | null = null;
  let result: string | null = null;
  let canceledBy: string | null = null;
  while (at >= 0) {
    const mark = text[at + 1];
    const end = text.indexOf("\n", at + 1);
    if (mark === "=") {
      result = text.slice(at + 2);
      break;
    }
    const line = end < 0 ? text.slice(at + 1) : text.slice(at + 1, end);
    if (mark === "!") {
      error = JSON.parse(line.slice(1));
    } else if (mark === "<") {
      const bar = line.indexOf("|");
      canceledBy = fromShort(line.slice(1, bar));
      error = `Parent '${canceledBy}' ${line.slice(bar + 1)}`;
    } else {
      lines.push(line);
    }
    at = end;
  }
  const first = attemptsMade - lines.length + 1;
  const attempts = lines.map((line, i) => decodeAttempt(line, first + i));
  const last = attempts.at(-1);
  const final = "cdxt".includes(status);
  return {
    status,
    retryCount: Number(head[1]),
    attemptsMade,
    deliveries: Number(head[3]),
    finishedAt: !final ? null : head[5] !== "" ? Number(head[5]) : last?.finishedAt ?? null,
    attempts,
    error: status === "c" ? null : error ?? last?.error?.message ?? null,
    result,
    fence: head[4]!,
    bigResult: head[6]?.startsWith("b") ?? false,
    canceledBy,
  };
}

function decodeAttempt(line: string, attempt: number): Attempt {
  const parts = line.split("|", 5);
  const [outcome, finished, ran, server, pool] = parts as [string, string, string, string, string];
  if (pool === undefined || !(outcome in outcomes)) throw unreadable("state", line);
  const rest = line.slice(parts.join("|").length + 1);
  const finishedAt = Number(finished);
  const decoded: Attempt = {
    attempt,
    startedAt: finishedAt - Number(ran),
    finishedAt,
    outcome: outcomes[outcome]!,
    server: unescapeName(server),
    pool: unescapeName(pool),
  };
  if (outcome === "l") return { ...decoded, error: { message: lostMessage(decoded.server) } };
  return rest === "" ? decoded : { ...decoded, error: JSON.parse(rest) as Failure };
}
