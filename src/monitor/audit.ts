/**
 * The audit log: every change that was made through the monitor, who made it, when, from where.
 *
 * @module
 */

import type { LogFields } from "../logger.ts";
import type { Desk } from "./desk.ts";
import type { Principal } from "./auth/principal.ts";

/** Name of its trail in the store. */
export const AUDIT_TRAIL = "audit";
/** Entries that are kept; the oldest go. */
const MAX_AUDIT_ENTRIES = 10_000;
/** Longest detail of an entry, in characters of JSON. */
const MAX_DETAIL = 4000;

/** A change. */
export interface Change {
  /** What was done, such as `job.retry`. */
  readonly action: string;
  /** With what: names of the path. */
  readonly target: Readonly<Record<string, string>>;
  /** Who did it. */
  readonly who: Principal;
  /** Address of the client. */
  readonly client: string | undefined;
  /** Status of the answer. */
  readonly status: number;
  /** What came of it. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/**
 * Adds a change to the audit log. That the store did not take it is logged, with the change: it has
 * been made.
 */
export async function addToAudit(
  desk: Pick<Desk, "store" | "logger">,
  change: Change,
): Promise<void> {
  const entry = entryOf(change);
  desk.logger.info("Changed through the monitor", entry);
  try {
    const store = await desk.store();
    await store.addToTrail(AUDIT_TRAIL, [JSON.stringify(entry)], { most: MAX_AUDIT_ENTRIES });
  } catch (error) {
    desk.logger.error("Change is missing in the audit log", { ...entry, error });
  }
}

/** Logs a change that was refused. */
export function logRefused(desk: Desk, change: Change): void {
  desk.logger.info("Refused to change through the monitor", entryOf(change));
}

function entryOf({ action, target, who, client, status, detail }: Change): LogFields {
  const entry = { action, target, who: who.name, by: who.by, from: client ?? null, status };
  return detail === undefined ? entry : { ...entry, detail: fitting(detail) };
}

/**
 * A detail that has room in an entry: of a list that is too long, the first items and how many were left
 * out; if that is not enough, without what takes the most room, so that nobody hides the rest with it.
 */
function fitting(detail: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (lengthOf(detail) <= MAX_DETAIL) return detail;
  const fitted = Object.entries(detail).flatMap(
    ([name, value]): readonly (readonly [string, unknown])[] => {
      if (!Array.isArray(value)) return [[name, value]];
      const kept = leading(value);
      const left = value.length - kept.length;
      return left === 0 ? [[name, value]] : [[name, kept], [`${name}_left_out`, left]];
    },
  );
  const largest = fitted.toSorted(([, a], [, b]) => lengthOf(b) - lengthOf(a));
  const left_out: string[] = [];
  while (true) {
    const rest = fitted.filter(([name]) => !left_out.includes(name));
    const shorter = Object.fromEntries(rest);
    if (lengthOf(shorter) <= MAX_DETAIL) {
      return left_out.length === 0 ? shorter : { ...shorter, left_out };
    }
    left_out.push(largest[left_out.length]![0]);
  }
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0;
}

/** As many of the first items as half of a detail has room for. */
function leading(items: readonly unknown[]): readonly unknown[] {
  let room = MAX_DETAIL / 2;
  const end = items.findIndex((item) => (room -= JSON.stringify(item).length + 1) < 0);
  return end < 0 ? items : items.slice(0, end);
}
