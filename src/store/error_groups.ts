/**
 * What all stores share about groups of failures: their limits, what is kept of
 * a failure, and how they are listed.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Failure } from "../job/job.ts";
import type { ErrorGroup, ErrorGroupQuery } from "./error_stage.ts";
import type { Verdict } from "./settle_stage.ts";

/** Most groups that are kept. */
export const MAX_ERROR_GROUPS = 1000;
/** Most jobs that a group names. */
export const JOBS_PER_GROUP = 20;
/** How long a group is kept that does not grow, in milliseconds: 30 days. */
export const ERROR_GROUP_MS: number = 30 * 86_400_000;
/** Longest message of a group, in characters. */
const MAX_MESSAGE_LENGTH = 500;

const ACTION = "list errors";
const KNOWN: readonly string[] = ["limit", "type", "fingerprint", "cursor"];
const CURSOR = /^(\d{1,16}):([0-9a-f]{16})$/;
const FINGERPRINT = /^[0-9a-f]{16}$/;

/** Tells whether a value may be a fingerprint. */
export function isFingerprint(value: unknown): value is string {
  return typeof value === "string" && FINGERPRINT.test(value);
}

/** What a group shows of its newest failure. */
export type ErrorSample = Pick<ErrorGroup, "fingerprint" | "name" | "message">;

/** What is grouped of a verdict; undefined if nothing is. */
export function grouped(verdict: Verdict): ErrorSample | undefined {
  if (verdict.kind !== "retry" && verdict.kind !== "dead_letter") return undefined;
  const { fingerprint, name, message }: Failure = verdict.error;
  if (!isFingerprint(fingerprint)) return undefined;
  return { fingerprint, name: name ?? null, message: cut(message) };
}

function cut(message: string): string {
  if (message.length <= MAX_MESSAGE_LENGTH) return message;
  return `${message.slice(0, MAX_MESSAGE_LENGTH - 1).toWellFormed()}…`;
}

/** The newest jobs of a group, after one more failed. */
export function withJob(ids: readonly string[], id: string): readonly string[] {
  return [id, ...ids.filter((other) => other !== id)].slice(0, JOBS_PER_GROUP);
}

/** The place of a group in the list: those that failed last come first. */
export interface ErrorPlace {
  readonly lastAt: number;
  readonly fingerprint: string;
}

/** A place as a cursor. */
export function cursorOf({ lastAt, fingerprint }: ErrorPlace): string {
  return `${lastAt}:${fingerprint}`;
}

/**
 * Checks a query, and gives the place after which its page begins.
 *
 * @throws {InvalidOptionError} If a part of it is unknown or out of range.
 */
export function placeOf(query: ErrorGroupQuery): ErrorPlace | undefined {
  checkKeys(ACTION, query, KNOWN);
  checkInteger(ACTION, "limit", query.limit, 1, 500);
  const { cursor } = query;
  if (cursor === undefined) return undefined;
  const [, lastAt, fingerprint] = CURSOR.exec(cursor) ?? [];
  if (lastAt !== undefined && fingerprint !== undefined) {
    return { lastAt: Number(lastAt), fingerprint };
  }
  throw new InvalidOptionError(ACTION, "cursor", "come from the page before", cursor);
}
