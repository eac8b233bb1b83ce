/**
 * Random histories: after each verb, every job must have made a legal move, and
 * everything that can be looked at must agree.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ClaimedJob, JobRecord } from "../../job/job.ts";
import { isFinal, statuses } from "../../job/state.ts";
import { type Rng, seededRng } from "../../rng.ts";
import type { NewJob, Store, Verdict } from "../../store/store.ts";
import {
  cancel,
  claimRequest,
  complete,
  deadLetter,
  holdOf,
  newJob,
  outcome,
  release,
  retryIn,
  source,
  tally,
} from "./builders.ts";
import { type ConformanceCase, stageCases } from "./case.ts";
import type { ConformanceHarness } from "./harness.ts";
import { assertMayGo, assertShape, assertWay, historyLimits, type Verb } from "./legal.ts";

const STEPS = 250;
const types = ["x", "y", "z"] as const;
const queues = ["p", "q"] as const;

/** What the test knows of the jobs that it enqueued. */
class History {
  readonly store: Store;
  readonly harness: ConformanceHarness;
  readonly #chance: Rng;
  readonly #held: ClaimedJob[] = [];
  #known: Map<string, JobRecord> = new Map();
  #count = 0;

  constructor(store: Store, harness: ConformanceHarness, chance: Rng) {
    this.store = store;
    this.harness = harness;
    this.#chance = chance;
  }

  get known(): ReadonlyMap<string, JobRecord> {
    return this.#known;
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#chance() * items.length)]!;
  }

  #job(): NewJob {
    const fields: { -readonly [K in keyof NewJob]?: NewJob[K] } = {
      type: this.#pick(types),
      queue: this.#pick(queues),
      priority: this.#pick([-1, 0, 0, 5]),
      settings: {
        ...(this.#chance() < 0.2
          ? { expireAt: this.harness.now() + Math.floor(this.#chance() * 60) }
          : {}),
        ...(this.#chance() < 0.2 ? { deadLetter: false } : {}),
        ...(this.#chance() < 0.1 ? { retention: { completedMs: 0 } } : {}),
      },
    };
    if (this.#chance() < 0.3) fields.delayMs = Math.floor(this.#chance() * 50);
    if (this.#chance() < 0.1) fields.atFront = true;
    return newJob(`j${this.#count++}`, fields);
  }

  #verdict(): Verdict {
    const delayMs = Math.floor(this.#chance() * 30);
    return this.#pick([
      complete('"r"'),
      complete(),
      retryIn(delayMs),
      deadLetter(),
      cancel(),
      release,
    ]);
  }

  /** Makes one random step and checks everything after it. */
  async step(): Promise<void> {
    const { store } = this;
    const verb = this.#pick<Verb>(
      [
        "enqueue",
        "enqueue",
        "claim",
        "claim",
        "settle",
        "settle",
        "promote",
        "expire",
        "reap",
        "prune",
        "look",
      ],
    );
    const created: string[] = [];
    switch (verb) {
      case "enqueue": {
        const group = Array.from({ length: 1 + Math.floor(this.#chance() * 3) }, () => this.#job());
        created.push(...group.map((job) => job.id));
        await store.enqueue([group]);
        break;
      }
      case "promote":
      case "expire":
      case "prune":
        await store[verb](1 + Math.floor(this.#chance() * 5));
        break;
      case "claim": {
        const sources = [source(this.#pick([null, ...queues]), [this.#pick(["y", "z"]), "x"], 2)];
        const request = claimRequest({
          sources,
          limit: this.#pick([1, 2, 6]),
          leaseMs: this.#pick([20, 100]),
        });
        this.#held.push(...(await store.claim(request)).jobs);
        break;
      }
      case "settle": {
        const held = this.#held.splice(0, Math.floor(this.#chance() * 4));
        await store.settle({ outcomes: held.map((job) => outcome(job, this.#verdict(), 1)) });
        break;
      }
      case "reap":
        await store.reap({ limit: 3, maxDeliveries: 2 });
        break;
      case "look":
        await store.heartbeat({
          server: "server-1",
          leaseMs: 50,
          holds: this.#held.slice(0, 3).map(holdOf),
        });
        await store.report(
          this.#held.slice(0, 2).map((job) => ({ ...holdOf(job), logs: ["line"] })),
        );
        break;
      default:
        verb satisfies never;
    }
    await this.check(verb, created);
    await this.harness.advance(Math.floor(this.#chance() * 15));
  }

  /** Compares every job with what it was before the verb, and with all other views. */
  async check(verb: Verb, created: readonly string[]): Promise<void> {
    const ids = [...this.#known.keys(), ...created];
    const records = await this.store.getJobs(ids);
    const now = this.harness.now();
    const next = new Map<string, JobRecord>();
    const counted: Record<string, number> = {};
    for (const [i, id] of ids.entries()) {
      const before = this.#known.get(id);
      const record = records[i] ?? null;
      const from = before?.status ?? "new";
      const to = record?.status ?? "gone";
      if (from !== to) assertWay(verb, id, from, to);
      if (to === "gone" && before !== undefined) assertMayGo(before, now);
      if (record === null) continue;
      assertShape(record);
      next.set(id, record);
      const key = `${record.queue}/${record.type}/${record.status}`;
      counted[key] = (counted[key] ?? 0) + 1;
    }
    assert.deepEqual(await tally(this.store), counted, `counts after ${verb}`);
    this.#known = next;
  }

  /** Compares the lists of all statuses with the records. */
  async checkLists(): Promise<void> {
    const listed = new Map<string, string>();
    for (const status of statuses) {
      let cursor: string | undefined;
      do {
        const reply = await this.store.list({
          status,
          limit: 20,
          ...(cursor === undefined ? {} : { cursor }),
        });
        for (const job of reply.jobs) {
          assert.ok(!listed.has(job.id), `job '${job.id}' must be listed once`);
          listed.set(job.id, job.status);
          assert.deepEqual(job, this.#known.get(job.id));
        }
        cursor = reply.cursor;
      } while (cursor !== undefined);
    }
    assert.equal(listed.size, this.#known.size, "every job is listed");
  }
}

/** Runs everything to its end: no job may be left behind. */
async function drain(history: History): Promise<void> {
  const { store, harness } = history;
  const all = claimRequest({ sources: [source(null, types)], limit: 50, server: "drainer" });
  for (let round = 0; round < 100; round++) {
    await harness.advance(200);
    while ((await store.reap({ limit: 100, maxDeliveries: 1000 })).moved > 0);
    const { jobs } = await store.claim(all);
    const { results } = await store.settle({
      outcomes: jobs.map((job) => outcome(job, complete())),
    });
    assert.ok(
      results.every((result) => result === "ok"),
      "every claim of the only holder can be settled",
    );
    const open = (await store.counts()).filter((row) => !isFinal(row.status));
    if (open.length === 0) return;
  }
  assert.fail(`every job must come to its end: ${JSON.stringify(await store.counts())}`);
}

/** What all verbs together promise. */
export const historyCases: readonly ConformanceCase[] = stageCases(
  "history",
  Object.fromEntries([1, 2, 3, 4].map((seed) => [
    `jobs make legal moves only, all views agree, and none is left behind: seed ${seed}`,
    async (harness: ConformanceHarness): Promise<void> => {
      const store = await harness.open({ retention: historyLimits });
      const history = new History(store, harness, seededRng(seed));
      for (let step = 0; step < STEPS; step++) {
        await history.step();
        if (step % 50 === 49) await history.checkLists();
      }
      assert.ok(history.known.size > 0, "some jobs are left to look at");
      await drain(history);
    },
  ])),
);
