/**
 * What somebody who looks on is shown: what they may see, and what of that they asked for. Pure.
 *
 * @module
 */

import type { LinesChanged } from "../../store/store.ts";
import { type Principal, sees } from "../auth/principal.ts";
import type { LiveEventName } from "./events.ts";

/** What somebody asked for. */
export interface Wish {
  /** Names of the events. */
  readonly events: ReadonlySet<LiveEventName>;
  /** Only of this queue. */
  readonly queue?: string | undefined;
  /** Only of this type. */
  readonly type?: string | undefined;
  /** Only of the job with this id. */
  readonly job?: string | undefined;
}

/** What somebody is shown. */
export interface View extends Wish {
  readonly who: Principal;
}

/** Whether two views show the same. */
export function isSameView(one: View, other: View): boolean {
  // The set of a user or a key is one and the same object for all their requests.
  return one.who.queues === other.who.queues && one.who.role === other.who.role &&
    one.queue === other.queue && one.type === other.type && one.job === other.job &&
    one.events.size === other.events.size && one.events.isSubsetOf(other.events);
}

/** Whether a queue is shown. */
export function showsQueue({ who, queue }: View, name: string): boolean {
  return sees(who, name) && (queue === undefined || queue === name);
}

/** Whether a type is shown. */
export function showsType({ type }: View, name: string): boolean {
  return type === undefined || type === name;
}

/** Whether a pause, or its end, is shown. What concerns all queues is for those who see all of them. */
export function showsLines(view: View, { queue, type }: LinesChanged): boolean {
  return (queue === null ? view.who.queues === null : showsQueue(view, queue)) &&
    (type === null || showsType(view, type));
}
