/**
 * Checks what knows of jobs in the memory store: keys, lines, heaps, lists and
 * counts. One look goes through all of it; what is found is given out in the
 * order of names that do not change.
 *
 * @module
 */

import { isFinal, statuses } from "../../job/state.ts";
import type { Part, Problem, Section } from "../check_walk.ts";
import type { DoctorView } from "./doctor.ts";
import type { Entry } from "./entry.ts";
import { isParked } from "./parking.ts";
import { isDue, isPurging, isReady } from "./nodes.ts";
import type { MemoryState } from "./state.ts";

/** A problem, and the name by which it is in order. */
interface Named extends Problem {
  readonly name: string;
}

/** The section of all that knows of jobs. */
export function placeSection(view: DoctorView): Section {
  return {
    mark: "p",
    place: /^[^]+$/,
    oneByOne: false,
    look: (after, limit): Part => {
      const found = checkAll(view).sort((a, b) => a.name < b.name ? -1 : 1)
        .filter(({ name }) => name > after);
      const problems = found.slice(0, limit);
      const checked = after === "" ? entriesOf(view.state) : problems.length;
      return found.length > limit
        ? { checked, problems, next: problems.at(-1)!.name }
        : { checked, problems };
    },
  };
}

/** How many entries there are to be looked at. */
function entriesOf({ owners, processing, due, purging, jobs }: MemoryState): number {
  return owners.size + processing.size + due.size + purging.size + jobs.size;
}

function checkAll(view: DoctorView): Named[] {
  return [
    ...checkOwners(view),
    ...checkProcessing(view),
    ...checkSlots(view),
    ...checkParked(view),
    ...checkGhosts(view),
    ...checkLists(view),
    ...checkQuotas(view),
    ...checkCounts(view),
  ];
}

function checkOwners(view: DoctorView): Named[] {
  const { jobs, owners } = view.state;
  return [...owners].flatMap(([key, { job }]): Named[] => {
    const owner = jobs.get(job.id);
    const isThere = owner !== undefined && owner === owners.get(key);
    if (isThere && owner.job.settings.unique?.key === key) return [];
    return [{
      name: `key ${key}`,
      kind: "dangling_key",
      id: job.id,
      text: `It owns the key '${key}', but ${isThere ? "does not have it" : "is not there"}`,
      mend: view.mend(() => void owners.delete(key)),
    }];
  });
}

/** Whether an entry is that of a job. */
function isThere({ jobs }: MemoryState, entry: Entry): boolean {
  return jobs.get(entry.job.id) === entry;
}

function checkProcessing(view: DoctorView): Named[] {
  const { state } = view;
  return [...state.processing].flatMap((entry): Named[] => {
    const { status, job: { id } } = entry;
    if (isThere(state, entry) && status === "processing") return [];
    return [{
      name: `processing ${id} ${entry.number}`,
      kind: "stale_lease",
      id,
      text: isThere(state, entry)
        ? `It is among the jobs that are processing, but is ${status}`
        : "It is among the jobs that are processing, but is not there",
      mend: view.mend(() => void state.processing.delete(entry)),
    }];
  });
}

/** Claims that limits count, and that are none. */
function checkSlots(view: DoctorView): Named[] {
  const { state } = view;
  const isRunning = (entry: Entry): boolean =>
    isThere(state, entry) && entry.status === "processing";
  return [...state.meters.entries()].filter((entry) => !isRunning(entry))
    .map((entry): Named => ({
      name: `slot ${entry.job.id} ${entry.number}`,
      kind: "wrong_slot",
      id: entry.job.id,
      text: "Limits count it among those that run, but nobody holds it",
      mend: view.mend(() => state.parking.freed(entry)),
    }));
}

/** The first jobs of a key stand in their lane, as many as it has room for. */
function checkParked(view: DoctorView): Named[] {
  const { meters, parking, clock } = view.state;
  const found: Named[] = [];
  for (const [key, lines] of parking.lines) {
    if ((parking.looks.get(`k:${key}`) ?? Infinity) <= clock.now()) continue;
    for (const [lane, line] of lines) {
      const parked = [...line].filter(isParked).sort((a, b) => a.key - b.key)[0];
      if (parked === undefined) continue;
      const meter = meters.ofKey(lane.type, key);
      const before = [...lane.ready].filter((node) =>
        isReady(node) && node.key < parked.key && node.entry.job.settings.limitKey === key
      );
      if (before.length >= (meter === undefined ? 1 : meters.room(meter))) continue;
      found.push({
        name: `parked ${parked.entry.job.id}`,
        kind: "stuck_job",
        id: parked.entry.job.id,
        text: "It is parked, but its key has room, and nothing would tell it",
        mend: view.mend(() => parking.putBack(key)),
      });
    }
  }
  return found;
}

/** Nodes that would move an entry of no job. */
function checkGhosts(view: DoctorView): Named[] {
  const { state } = view;
  const ghosts = new Map<Entry, string>();
  const look = (
    heap: Iterable<{ entry: Entry; key: number }>,
    name: string,
    alive: typeof isDue,
  ) => {
    for (const node of heap) {
      if (alive(node) && !isThere(state, node.entry)) ghosts.set(node.entry, name);
    }
  };
  for (const types of state.lanes.values()) {
    for (const { ready, queue, type } of types.values()) {
      look(ready, `the line of '${type}' of queue '${queue}'`, isReady);
    }
  }
  look(state.due, "due", isDue);
  look(state.purging, "purging", isPurging);
  return [...ghosts].map(([entry, name]): Named => ({
    name: `node ${entry.job.id} ${entry.number}`,
    kind: "stale_entry",
    id: entry.job.id,
    text: `It is in ${name}, but is not there`,
    mend: view.mend(() => {
      // Its nodes mean nothing from now on, and are dropped as they come out.
      entry.removed = true;
      entry.runAt = null;
      entry.purgeAt = null;
    }),
  }));
}

function checkLists(view: DoctorView): Named[] {
  const { state } = view;
  const found: Named[] = [];
  for (const [status, byQueue] of state.retained) {
    for (const [queue, { entries }] of byQueue) {
      for (const entry of entries) {
        const { job } = entry;
        const isRight = isThere(state, entry) && entry.status === status && job.queue === queue;
        if (isRight) continue;
        found.push({
          name: `list ${status} ${queue} ${job.id} ${entry.number}`,
          kind: isThere(state, entry) && isFinal(entry.status) ? "double_entry" : "stale_entry",
          id: job.id,
          text: `It is among the ${status} jobs of queue '${queue}', but ${
            isThere(state, entry) ? `is ${entry.status} in '${job.queue}'` : "is not there"
          }`,
          mend: view.mend(() => void entries.delete(entry)),
        });
      }
    }
  }
  return found;
}

function checkQuotas(view: DoctorView): Named[] {
  const { state } = view;
  const found: Named[] = [];
  for (const [lane, byStatus] of state.quotas.lists) {
    for (const [status, quota] of byStatus) {
      for (const entry of quota.entries) {
        const { job: { id } } = entry;
        if (isThere(state, entry) && entry.status === status && entry.lane === lane) continue;
        found.push({
          name: `quota ${status} ${id} ${entry.number}`,
          kind: "stale_entry",
          id,
          text: `It is counted among the ${status} jobs of '${lane.type}' of queue ` +
            `'${lane.queue}', but ${isThere(state, entry) ? `is ${entry.status}` : "is not there"}`,
          mend: view.mend(() => state.quotas.drop(quota, entry)),
        });
      }
    }
  }
  return found;
}

function checkCounts(view: DoctorView): Named[] {
  const { state } = view;
  const real = new Map<string, number>();
  const add = (name: string): void => void real.set(name, (real.get(name) ?? 0) + 1);
  for (const { lane, status } of state.jobs.values()) {
    add(JSON.stringify([lane.queue, lane.type, status]));
    add(JSON.stringify([lane.queue, lane.type]));
  }
  const found: Named[] = [];
  for (const types of state.lanes.values()) {
    for (const lane of types.values()) {
      const { queue, type, counts } = lane;
      const compare = (part: readonly string[], kept: number, set: (n: number) => void): void => {
        const name = JSON.stringify([queue, type, ...part]);
        const n = real.get(name) ?? 0;
        if (n === kept) return;
        const what = `${part[0] ?? "all"} jobs of '${type}' of queue '${queue}'`;
        const text = `The count of ${what} is ${kept}, but there are ${n}`;
        const mend = view.mend(() => set(n));
        found.push({ name: `count ${name}`, kind: "wrong_count", id: null, text, mend });
      };
      for (const status of statuses) {
        compare([status], counts[status], (n) => void (counts[status] = n));
      }
      compare([], lane.total, (n) => void (lane.total = n));
    }
  }
  return found;
}
