/** The model and the store under test, called alike. */

import type { JobRecord } from "../../src/job/job.ts";
import type { OldestRow, PauseTarget, Store } from "../../src/store/store.ts";
import { hold } from "./broken.ts";
import type { Side } from "./claims.ts";
import { difference } from "./compare.ts";

/** Most children of one page: so that there are several. */
const PAGE = 2;
/** Whatever comes in steps ends at the latest after so many. */
const MOST_STEPS = 100_000;
const RELAY_LIMIT = 500;

/** Both stores. */
export class Pair {
  readonly model: Store;
  readonly store: Store;
  /** Children that the store told by `relay`. */
  relayed = 0;

  constructor(model: Store, store: Store) {
    this.model = model;
    this.store = store;
  }

  /** Calls both, the model first, and compares their replies, or what `seen` makes of them. */
  async both<T>(
    what: string,
    call: (store: Store, side: Side) => Promise<T>,
    seen: (reply: T, side: Side) => unknown = (reply) => reply,
  ): Promise<Readonly<Record<Side, T>>> {
    const model = await call(this.model, "model");
    const store = await call(this.store, "store");
    const found = difference(seen(model, "model"), seen(store, "store"), `${what}()`);
    if (found !== undefined) throw new Error(found);
    return { model, store };
  }

  /** Goes on with what is left to be told, once. */
  async relay(limit: number): Promise<boolean> {
    await this.model.relay(limit);
    const { moved, nextInMs } = await this.store.relay(limit);
    this.relayed += moved;
    return nextInMs === 0;
  }

  /** Goes on until all children are told. */
  async relayAll(): Promise<void> {
    for (let step = 0; await this.relay(RELAY_LIMIT); step++) {
      hold(step < MOST_STEPS, "relay() must come to an end", step);
    }
  }

  /** Those of some ids whose jobs are the same on both sides, or on neither. */
  async agreed(ids: readonly string[]): Promise<Set<string>> {
    const records = await this.model.getJobs(ids);
    const others = await this.store.getJobs(ids);
    const isSame = (i: number): boolean =>
      difference(records[i], others[i], "record") === undefined;
    return new Set(ids.filter((_, i) => isSame(i)));
  }

  /** Samples the depth on both. */
  async sample(): Promise<void> {
    await this.both("sample", async (store) => {
      const { moved, nextInMs } = await store.sample();
      let next = nextInMs;
      // The model makes all hours at once.
      for (let step = 0; next === 0; step++) {
        hold(step < MOST_STEPS, "sample() must come to an end", step);
        next = (await store.sample()).nextInMs;
      }
      return { moved, nextInMs: next };
    });
  }

  /** Compares what was counted: totals, days and minutes. */
  async compareInsight(now: number): Promise<void> {
    await this.both("totals", (store) => store.totals(), inOrder);
    await this.both("errorGroups", (store) => store.errorGroups({ limit: 500 }));
    await this.both("days", (store) => store.days(90), inOrder);
    await this.both("series of hours", async (store) => {
      const { rows, ...rest } = await store.series({ fromAt: 0, toAt: now, unit: "hour" });
      return { rows: inOrder(rows), ...rest };
    });
    await this.both("series", async (store) => {
      const { rows, sampledAt, cursor } = await store.series({ fromAt: 0, toAt: now });
      hold(cursor === undefined, "series() must be on one page", cursor);
      return { rows: inOrder(rows), sampledAt };
    });
  }

  /** Compares where somebody waits; which job is the oldest differs by as much as stores may be off. */
  async compareOldest(): Promise<void> {
    const where = (rows: readonly OldestRow[]): string[] =>
      rows.map(({ queue, type }) => `${queue}|${type}`).sort();
    await this.both("oldest", (store) => store.oldest(), where);
  }

  /** Compares what is paused. */
  async comparePaused(): Promise<void> {
    await this.both("paused", (store) => store.paused(), (targets) => targets.map(nameOf).sort());
  }

  /** Compares which jobs have children. */
  async compareParents(): Promise<void> {
    await this.both("parents", async (store) => {
      const { parents, total } = await store.parents({ offset: 0, limit: 500 });
      return { total, ids: total > 500 ? [] : parents.map(({ job }) => job.id).sort() };
    });
  }

  /** Compares the children of all that are named as parents. */
  async compareChildren(records: ReadonlyMap<string, JobRecord>): Promise<void> {
    const expected = new Map<string, string[]>();
    for (const { id, settings } of records.values()) {
      for (const parent of settings.dependsOn ?? []) {
        const ids = expected.get(parent.id) ?? [];
        expected.set(parent.id, ids);
        ids.push(id);
      }
    }
    await Promise.all([...expected].map(async ([parent, ids]) => {
      const isChild = new Set(ids);
      const seen = (found: string[]): string[] => found.filter((id) => isChild.has(id)).sort();
      await this.both(
        `children '${parent}'`,
        (store) => childrenOf(store, parent, ids.length),
        seen,
      );
    }));
  }
}

/** Ids of all children, page by page. */
async function childrenOf(store: Store, id: string, expected: number): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  const limit = Math.max(PAGE, Math.ceil(expected / 3));
  for (let page = 0; page === 0 || cursor !== undefined; page++) {
    hold(page < MOST_STEPS, `children() of '${id}' must end`, page);
    const reply = await store.children(id, { limit, ...(cursor === undefined ? {} : { cursor }) });
    hold(reply.ids.length <= limit, `children() must give at most ${limit}`, reply.ids.length);
    ids.push(...reply.ids);
    cursor = reply.cursor;
  }
  hold(new Set(ids).size === ids.length, `Children of '${id}' must be listed once`, ids);
  return ids;
}

/** Rows by queue, type and time. */
function inOrder<
  T extends { readonly queue: string; readonly type?: string; readonly at?: number },
>(
  rows: readonly T[],
): T[] {
  const name = ({ queue, type, at }: T): string => JSON.stringify([queue, type, at]);
  return rows.toSorted((a, b) => name(a) < name(b) ? -1 : 1);
}

/** A target as text. */
export function nameOf({ queue, type }: PauseTarget): string {
  return JSON.stringify([queue, type]);
}
