/**
 * Random histories of graphs, keys and interventions: after each verb, every
 * job must stand where its parents and its key let it stand.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ClaimedJob, edgePolicies, type JobRecord } from "../../job/job.ts";
import { isFinal } from "../../job/state.ts";
import { type Rng, seededRng } from "../../rng.ts";
import type { JobAction, NewJob, Store, Verdict } from "../../store/store.ts";
import {
  cancel,
  claim,
  complete,
  deadLetter,
  newJob,
  outcome,
  release,
  retryIn,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import { relayAll } from "./graph_builders.ts";
import type { ConformanceHarness } from "./harness.ts";

const STEPS = 200;

/** What the test knows of the jobs that it enqueued. */
class GraphHistory {
  readonly store: Store;
  readonly #harness: ConformanceHarness;
  readonly #chance: Rng;
  readonly #ids: string[] = [];
  readonly #gone = new Set<string>();
  readonly #wereFinal = new Set<string>();
  #held: ClaimedJob[] = [];

  constructor(store: Store, harness: ConformanceHarness, chance: Rng) {
    this.store = store;
    this.#harness = harness;
    this.#chance = chance;
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#chance() * items.length)]!;
  }

  #job(): NewJob {
    const id = `j${this.#ids.length}`;
    const known = this.#ids.slice(-25);
    this.#ids.push(id);
    const count = known.length === 0 ? 0 : this.#pick([0, 0, 1, 1, 2, 3]);
    const parents = new Set(Array.from({ length: count }, () => this.#pick(known)));
    const key = this.#chance() < 0.2 ? this.#pick(["k1", "k2", "k3"]) : undefined;
    return newJob(id, {
      priority: this.#pick([-1, 0, 0, 3]),
      queue: this.#pick(["default", "q"]),
      onMissingParent: "resolved",
      ...(this.#chance() < 0.2 ? { delayMs: Math.floor(this.#chance() * 50) } : {}),
      settings: {
        dependsOn: [...parents].map((id) => ({ id, onFailure: this.#pick(edgePolicies) })),
        ...(key === undefined ? {} : { unique: { key, until: "finished" } }),
        ...(this.#chance() < 0.1
          ? { expireAt: this.#harness.now() + Math.floor(this.#chance() * 90) }
          : {}),
      },
    });
  }

  #action(): JobAction {
    return this.#pick<JobAction>([
      { kind: "cancel", reason: "no" },
      { kind: "retry" },
      { kind: "retry", revive: true },
      { kind: "remove" },
      { kind: "promote" },
      { kind: "prioritize", priority: this.#pick([-5, 5]) },
      { kind: "edit", payload: this.#pick(['"e"', JSON.stringify("e".repeat(9000))]) },
    ]);
  }

  /** Makes one random step and checks everything after it. */
  async step(): Promise<void> {
    const { store } = this;
    const verb = this.#pick(["enqueue", "enqueue", "claim", "settle", "settle", "act", "upkeep"]);
    if (verb === "enqueue") {
      const count = this.#pick([1, 1, 2, 4]);
      const group = Array.from({ length: count }, () => this.#job());
      const onConflict = this.#pick(["keep", "replace", "debounce"] as const);
      const keys = group.map((job) => job.settings.unique?.key).filter((key) => key !== undefined);
      const distinct = new Set(keys).size === keys.length;
      if (count === 1) await store.enqueue([[{ ...group[0]!, onConflict }]]);
      else if (distinct) await store.enqueue([group]);
    } else if (verb === "claim") {
      const leaseMs = this.#pick([20, 200]);
      this.#held.push(...await claim(store, { limit: this.#pick([1, 3]), leaseMs }));
    } else if (verb === "settle") {
      const held = this.#held.splice(0, 3);
      await store.settle({ outcomes: held.map((job) => outcome(job, this.#verdict())) });
    } else if (verb === "act") {
      const ids = new Set(Array.from({ length: 3 }, () => this.#pick(this.#ids) ?? "none"));
      await store.act([...ids], this.#action());
    } else {
      await store.reap({ limit: 10, maxDeliveries: 2 });
      await store.expire(10);
      await store.promote(10);
      await store.prune(10);
    }
    await relayAll(store);
    await this.check(verb);
    await this.#harness.advance(Math.floor(this.#chance() * 15));
  }

  #verdict(): Verdict {
    const all = [complete(), complete(), retryIn(10), deadLetter(), cancel(), release];
    return this.#pick(all);
  }

  /** Compares every job with its parents, its key and all other views. */
  async check(after: string): Promise<void> {
    const records = await this.store.getJobs(this.#ids);
    const byId = new Map(records.filter((record) => record !== null).map((one) => [one.id, one]));
    const counted: Record<string, number> = {};
    const keys = new Set<string>();
    for (const id of this.#ids) {
      const record = byId.get(id);
      if (record === undefined) {
        this.#gone.add(id);
        continue;
      }
      assert.ok(!this.#gone.has(id), `job '${id}' must not come back after ${after}`);
      const place = `${record.queue}/${record.type}/${record.status}`;
      counted[place] = (counted[place] ?? 0) + 1;
      if (isFinal(record.status)) this.#wereFinal.add(id);
      assertStands(record, byId, this.#wereFinal, after);
      const { key } = record.settings.unique ?? { key: null };
      if (key === null || isFinal(record.status)) continue;
      assert.ok(!keys.has(key), `key '${key}' must have one owner after ${after}`);
      keys.add(key);
    }
    assert.deepEqual(await tally(this.store), counted, `counts after ${after}`);
  }

  /** Runs everything to its end: no job may be left behind. */
  async drain(): Promise<void> {
    this.#held = [];
    for (let round = 0; round < 200; round++) {
      await this.#harness.advance(200);
      await this.store.reap({ limit: 500, maxDeliveries: 1000 });
      const jobs = await claim(this.store, { limit: 100, leaseMs: 100 });
      await this.store.settle({ outcomes: jobs.map((job) => outcome(job, complete())) });
      await relayAll(this.store);
      await this.check("the drain");
      if ((await this.store.counts()).every(({ status }) => isFinal(status))) return;
    }
    assert.fail(`every job must come to its end: ${JSON.stringify(await this.store.counts())}`);
  }
}

/** Asserts that a job is where its parents let it be. */
function assertStands(
  { id, status, settings, pendingParents, canceledBy }: JobRecord,
  byId: ReadonlyMap<string, JobRecord>,
  wereFinal: ReadonlySet<string>,
  after: string,
): void {
  const open = (settings.dependsOn ?? []).map((edge) => edge.id).filter((parent) => {
    const record = byId.get(parent);
    return record !== undefined && !isFinal(record.status);
  });
  const why = `job '${id}', ${status} after ${after}`;
  if (status === "deferred") {
    assert.ok(pendingParents.length > 0, `${why}, must wait for a parent`);
    // A parent that failed, let it go, and was then retried is not waited for again.
    const waits = open.filter((one) => pendingParents.includes(one) || !wereFinal.has(one));
    assert.deepEqual(pendingParents, waits, `pending parents of ${why}`);
  } else {
    assert.deepEqual(pendingParents, [], why);
    const free = isFinal(status) || open.every((parent) => wereFinal.has(parent));
    assert.ok(free, `${why}, must have waited for its parents`);
  }
  if (canceledBy !== null) {
    assert.equal(status, "canceled", why);
    const edge = settings.dependsOn?.find((one) => one.id === canceledBy);
    assert.equal(edge?.onFailure, "cancel", `${why} by '${canceledBy}'`);
  }
}

/** What all verbs together promise to graphs and keys. */
export const graphHistoryCases: readonly ConformanceCase[] = stageCases(
  "history",
  Object.fromEntries([1, 2, 3, 4].map((seed) => [
    `jobs stand where their parents and keys let them, and none is left behind: seed ${seed}`,
    async (harness: ConformanceHarness): Promise<void> => {
      const history = new GraphHistory(await harness.open(), harness, seededRng(seed));
      for (let step = 0; step < STEPS; step++) await history.step();
      await history.drain();
    },
  ])),
);
