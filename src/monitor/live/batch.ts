/**
 * What happened in a moment, sorted so that each view finds its part at a bounded cost.
 *
 * @module
 */

import type { JobMoved, LinesChanged } from "../../store/store.ts";
import { isUrgent } from "./events.ts";
import { showsLines, showsQueue, showsType, type View } from "./view.ts";

/** Most events that are told at once. */
export const MOST_AT_ONCE = 100;

/** Something that happened in the store. */
export type Happening = JobMoved | LinesChanged;

/** Some of what happened, in its order. */
export interface Part<T> {
  readonly events: readonly T[];
  /** How many others there were. */
  readonly more: number;
}

/** What happened to jobs of one queue and type. */
interface Pair {
  readonly urgent: JobMoved[];
  readonly others: JobMoved[];
}

/** What happened in a moment. */
export class Batch {
  readonly #pairs = new Map<string, Map<string, Pair>>();
  readonly #byJob = new Map<string, JobMoved[]>();
  readonly #lines: LinesChanged[] = [];

  /**
   * @param events What happened.
   * @param isFollowed Whether somebody looks at the job with an id alone.
   */
  constructor(events: readonly Happening[], isFollowed: (id: string) => boolean) {
    for (const event of events) {
      if ("id" in event) this.#add(event, isFollowed(event.id));
      else this.#lines.push(event);
    }
  }

  /** What a view shows of the jobs. */
  jobs(view: View): Part<JobMoved> {
    if (view.job !== undefined) {
      const found = this.#byJob.get(view.job) ?? [];
      return newest(found.filter(({ queue, type }) => {
        return showsQueue(view, queue) && showsType(view, type);
      }));
    }
    const pairs = this.#shown(view);
    const urgent = newestOf(pairs.map(({ urgent }) => urgent), MOST_AT_ONCE);
    const others = newestOf(pairs.map(({ others }) => others), MOST_AT_ONCE - urgent.length);
    const events = [...urgent, ...others].sort(inOrder);
    const all = pairs.reduce((sum, { urgent, others }) => sum + urgent.length + others.length, 0);
    return { events, more: all - events.length };
  }

  /** What a view shows of what was paused and resumed. */
  lines(view: View): Part<LinesChanged> {
    return newest(this.#lines.filter((change) => showsLines(view, change)));
  }

  #add(event: JobMoved, isFollowed: boolean): void {
    const { id, queue, type } = event;
    const types = this.#pairs.get(queue) ?? new Map<string, Pair>();
    const pair = types.get(type) ?? { urgent: [], others: [] };
    this.#pairs.set(queue, types.set(type, pair));
    pair[isUrgent(event) ? "urgent" : "others"].push(event);
    if (!isFollowed) return;
    const ofJob = this.#byJob.get(id) ?? [];
    this.#byJob.set(id, ofJob);
    ofJob.push(event);
  }

  #shown(view: View): Pair[] {
    return [...this.#pairs].flatMap(([queue, types]) => {
      if (!showsQueue(view, queue)) return [];
      return [...types].flatMap(([type, pair]) => showsType(view, type) ? [pair] : []);
    });
  }
}

function newest<T>(events: readonly T[]): Part<T> {
  const kept = events.slice(-MOST_AT_ONCE);
  return { events: kept, more: events.length - kept.length };
}

/** The newest of several lists, each of which is in order. */
function newestOf(lists: readonly (readonly JobMoved[])[], most: number): JobMoved[] {
  if (most === 0) return [];
  return lists.flatMap((list) => list.slice(-most)).sort(inOrder).slice(-most);
}

function inOrder(one: JobMoved, other: JobMoved): number {
  return Number(one.cursor) - Number(other.cursor);
}
