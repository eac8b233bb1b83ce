/**
 * Checking the memory store: each job by itself, then the heaps, sets and
 * counts that know of jobs.
 *
 * A step reads the heaps whole, as a list reads all jobs; what is bounded is
 * how many jobs it judges, and how much it finds.
 *
 * @module
 */

import { type Section, walk } from "../check_walk.ts";
import type { CheckReply, CheckRequest } from "../doctor_stage.ts";
import { jobSection } from "./doctor_jobs.ts";
import { placeSection } from "./doctor_places.ts";
import type { Entry } from "./entry.ts";
import { isParked } from "./parking.ts";
import { isDue, isPurging, isReady } from "./nodes.ts";
import type { MemoryState } from "./state.ts";

/** See `DoctorStage.check`. */
export function check(state: MemoryState, request: CheckRequest): CheckReply {
  const view = new DoctorView(state);
  const sections: Section[] = [jobSection(view), placeSection(view)];
  const { reply, isMendable } = walk(sections, { ...request, repair: false });
  if (!request.repair || !isMendable) return reply;
  return walk(sections, { ...request, limit: Math.min(request.limit, reply.checked) }).reply;
}

/** Which jobs stand where. */
export interface Places {
  /** Jobs in the heap of their lane, and how often. */
  readonly ready: ReadonlyMap<Entry, number>;
  /** Jobs in `due`, at their time. */
  readonly due: ReadonlySet<Entry>;
  /** Jobs in `expiring`, at their time. */
  readonly expiring: ReadonlySet<Entry>;
  /** Jobs in `purging`, at their time. */
  readonly purging: ReadonlySet<Entry>;
}

/** The state, as one check sees it. */
export class DoctorView {
  readonly state: MemoryState;
  #places: Places | undefined;

  /** @param state What is checked. */
  constructor(state: MemoryState) {
    this.state = state;
  }

  /** Which jobs stand where, as it is now. */
  get places(): Places {
    return this.#places ??= readPlaces(this.state);
  }

  /** Makes a repair. */
  mend(work: () => void): () => void {
    return () => {
      work();
      this.#places = undefined;
    };
  }
}

function readPlaces({ lanes, due, expiring, purging, parking }: MemoryState): Places {
  const ready = new Map<Entry, number>();
  for (const types of lanes.values()) {
    for (const lane of types.values()) {
      for (const node of lane.ready) {
        const { entry } = node;
        if (entry.lane === lane && isReady(node)) ready.set(entry, (ready.get(entry) ?? 0) + 1);
      }
    }
  }
  for (const lines of parking.lines.values()) {
    for (const line of lines.values()) {
      for (const node of line) {
        if (isParked(node)) ready.set(node.entry, (ready.get(node.entry) ?? 0) + 1);
      }
    }
  }
  const isOnTime = ({ entry, key }: { readonly entry: Entry; readonly key: number }): boolean =>
    entry.job.settings.expireAt === key;
  return {
    ready,
    due: new Set([...due].filter(isDue).map(({ entry }) => entry)),
    expiring: new Set([...expiring].filter(isOnTime).map(({ entry }) => entry)),
    purging: new Set([...purging].filter(isPurging).map(({ entry }) => entry)),
  };
}
