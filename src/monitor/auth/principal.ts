/**
 * Who asks, and what they may do.
 *
 * @module
 */

import { ApiError } from "../errors.ts";

/**
 * What somebody may do: a `viewer` reads; an `operator` also retries, cancels, promotes, pauses,
 * triggers, edits and enqueues; an `admin` also deletes, empties, clears, changes schedules, sets
 * limits and reads the audit log. A `producer`, which only an API key can be, enqueues and does nothing else.
 */
export type Role = "viewer" | "operator" | "admin" | "producer";

/** What a route asks for: nothing, any role, or a role. A producer's routes are open to operators too. */
export type Access = "open" | "any" | Role;

/** Whoever sent a request. */
export interface Principal {
  /** Name of the user, or `apikey:` and the name of the key; empty where nobody has to log in. */
  readonly name: string;
  /** What they may do. */
  readonly role: Role;
  /** The only queues that there are for them; null for all. */
  readonly queues: ReadonlySet<string> | null;
  /** The only types that they may enqueue; null for all. */
  readonly types: ReadonlySet<string> | null;
  /** How they showed who they are. */
  readonly by: "nothing" | "session" | "key";
}

const RANKS: Readonly<Record<Role, number>> = { producer: 0, viewer: 1, operator: 2, admin: 3 };

/** Whether a role is enough for a route. */
export function mayUse(role: Role, access: Access): boolean {
  if (access === "open" || access === "any") return true;
  if (access === "producer") return role === "producer" || role === "operator" || role === "admin";
  return RANKS[role] >= RANKS[access];
}

/** Whether there is such a queue for somebody. */
export function sees(who: Principal, queue: string): boolean {
  return who.queues === null || who.queues.has(queue);
}

/**
 * Refuses jobs of a type to those who may enqueue only others.
 *
 * @throws {ApiError} `FORBIDDEN`.
 */
export function needType(who: Principal, type: string): void {
  if (who.types === null || who.types.has(type)) return;
  throw new ApiError("FORBIDDEN", `this needs access to the type '${type}'`);
}

/**
 * Refuses what concerns all queues to those for whom there are only some.
 *
 * @throws {ApiError} `FORBIDDEN`.
 */
export function needAllQueues(who: Principal): void {
  if (who.queues === null) return;
  throw new ApiError("FORBIDDEN", "this needs access to all queues");
}
