/**
 * The audit log: every change that was made through the monitor, who made it, when, from where.
 *
 * @module
 */

import type { Desk } from "./desk.ts";
import type { Principal } from "./auth/principal.ts";

/** Name of its trail in the store. */
export const AUDIT_TRAIL = "audit";
/** Entries that are kept; the oldest go. */
export const MAX_AUDIT_ENTRIES = 10_000;
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
export async function addToAudit(desk: Desk, change: Change): Promise<void> {
  const { action, target, who, client, status, detail } = change;
  const entry = { action, target, who: who.name, by: who.by, from: client ?? null, status };
  const text = detail && JSON.stringify(detail).slice(0, MAX_DETAIL + 1);
  const known = text === undefined || text.length > MAX_DETAIL ? entry : { ...entry, detail };
  desk.logger.info("Changed through the monitor", known);
  try {
    const store = await desk.store();
    await store.addToTrail(AUDIT_TRAIL, [JSON.stringify(known)], { most: MAX_AUDIT_ENTRIES });
  } catch (error) {
    desk.logger.error("Change is missing in the audit log", { ...known, error });
  }
}
