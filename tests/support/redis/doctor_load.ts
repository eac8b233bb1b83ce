/** Traffic of every kind, by chance, for a check that goes on meanwhile. */

import type { NewJob, Store, Verdict } from "../../../src/store/store.ts";
import type { ClaimedJob } from "../../../src/job/job.ts";
import { job, LARGE } from "./doctor.ts";

const error = { message: "no" };
const TYPES = ["t", "u", "v"];
const sources = [{ queue: null, types: TYPES, share: 20 }];
/** With so many jobs in the store no more are enqueued: else a walk on a slow machine would never catch up. */
const MOST_JOBS = 8_000;

/** Numbers from 0 to below 1 that a seed decides. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

/** Works on a store until told to end: enqueues, runs, intervenes, keeps in order. */
export class Load {
  readonly #store: Store;
  readonly #random: () => number;
  readonly #ids: string[] = [];
  #made = 0;
  #isFull = false;

  /** Jobs that were enqueued. */
  get made(): number {
    return this.#made;
  }

  /** @param store Where to. @param seed What decides. */
  constructor(store: Store, seed: number) {
    this.#store = store;
    this.#random = chance(seed);
  }

  /** Goes on until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const loop = async (act: () => Promise<unknown>): Promise<void> => {
      while (!signal.aborted) {
        await act();
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    };
    await Promise.all([
      loop(() => this.#enqueue()),
      loop(() => this.#enqueue()),
      ...["a", "b"].map((server) => loop(() => this.#work(server))),
      loop(() => this.#intervene()),
      loop(() => this.#keep()),
    ]);
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!;
  }

  #job(): NewJob {
    const random = this.#random;
    const id = random() < 0.05 && this.#ids.length > 0 ? this.#pick(this.#ids) : `j${this.#made++}`;
    this.#ids.push(id);
    if (this.#ids.length > 300) this.#ids.shift();
    const settings: Record<string, unknown> = {};
    if (random() < 0.1) settings.expireAt = Date.now() + random() * 100;
    if (random() < 0.1) settings.retention = { completedMs: this.#pick([0, 50]), failedMs: 50 };
    if (random() < 0.1) {
      settings.unique = {
        key: `k${Math.floor(random() * 5)}`,
        until: this.#pick(["started", "finished", "removed"]),
      };
    }
    if (random() < 0.4) {
      const parents = new Set(
        Array.from({ length: 1 + random() * 3 }, () => this.#pick(this.#ids)),
      );
      parents.delete(id);
      settings.dependsOn = [...parents].map((parent) => ({
        id: parent,
        onFailure: this.#pick(["cancel", "continue"]),
      }));
    }
    return job(id, {
      type: this.#pick(TYPES),
      queue: this.#pick(["q", "p"]),
      priority: this.#pick([0, 0, 5]),
      payload: random() < 0.03 ? LARGE : "1",
      settings: settings as NewJob["settings"],
      onMissingParent: "resolved",
      ...random() < 0.1 ? { delayMs: random() * 100 } : {},
      ...random() < 0.1 ? { atFront: true } : {},
      ...random() < 0.2
        ? { onConflict: this.#pick(["debounce", "replace", "rerun"] as const) }
        : {},
    });
  }

  async #enqueue(): Promise<void> {
    if (this.#isFull) return;
    const chance = this.#random();
    if (chance < 0.01) {
      // A graph that takes several calls.
      const root = `g${this.#made++}`;
      const edges = { dependsOn: [{ id: root, onFailure: "continue" }] } as NewJob["settings"];
      const kids = Array.from({ length: 700 }, (_, i) => job(`${root}-${i}`, { settings: edges }));
      await this.#store.enqueue([[job(root), ...kids]]);
    } else if (chance < 0.7) {
      await this.#store.enqueue(Array.from({ length: 20 }, () => [this.#job()]));
    } else {
      const group = Array.from(
        { length: 3 },
        () => ({ ...this.#job(), onConflict: "keep" as const }),
      );
      if (new Set(group.map(({ id }) => id)).size === 3) await this.#store.enqueue([group]);
    }
  }

  #verdict(): Verdict {
    const chance = this.#random();
    if (chance < 0.7) {
      return { kind: "complete", result: chance < 0.03 ? LARGE : chance < 0.3 ? "1" : null };
    }
    if (chance < 0.8) return { kind: "retry", delayMs: this.#random() * 50, counted: true, error };
    if (chance < 0.88) return { kind: "dead_letter", error };
    return chance < 0.94 ? { kind: "cancel", error } : { kind: "release" };
  }

  async #work(server: string): Promise<void> {
    const ahead = server === "b" ? { ahead: 8 } : {};
    const request = { server, pool: "p", sources, limit: 20, leaseMs: 50, ...ahead };
    const { jobs } = await this.#store.claim(request);
    let held: readonly ClaimedJob[] = jobs;
    for (let round = 0; round < 20 && held.length > 0; round++) {
      const holds = held.map(({ id, holder: { fence } }) => ({ id, fence }));
      if (this.#random() < 0.1) {
        await this.#store.report(
          holds.map((hold) => ({ ...hold, progress: { value: 0.5 }, logs: ["line"] })),
        );
      }
      if (this.#random() < 0.2) await this.#store.heartbeat({ server, leaseMs: 50, holds });
      // Some are forgotten, and reaped.
      const outcomes = holds.filter(() => this.#random() < 0.97)
        .map((hold) => ({ ...hold, verdict: this.#verdict(), ranMs: 1 }));
      const unstartedFrom = this.#pick([held.at(-1)!.holder.fence, null]);
      const mark = server === "b" ? { startMark: { server, pool: "p", unstartedFrom } } : {};
      held = (await this.#store.settle({ outcomes, ...mark, claim: request })).claimed?.jobs ?? [];
    }
  }

  async #intervene(): Promise<void> {
    if (this.#ids.length === 0) return;
    const ids = Array.from({ length: 5 }, () => this.#pick(this.#ids));
    const random = this.#random;
    await this.#store.act(
      ids,
      this.#pick([
        { kind: "cancel", reason: "x" },
        { kind: "retry", revive: random() < 0.5 },
        { kind: "remove" },
        { kind: "promote" },
        { kind: "prioritize", priority: this.#pick([0, 5]) },
        { kind: "edit", payload: random() < 0.3 ? LARGE : "2" },
      ]),
    );
    if (random() < 0.1) await this.#store.pause({ queue: "q", type: "u" }, random() < 0.5);
  }

  async #keep(): Promise<void> {
    await this.#store.promote(100);
    await this.#store.expire(100);
    await this.#store.reap({ limit: 50, maxDeliveries: 3 });
    await this.#store.relay(this.#pick([1, 100]));
    await this.#store.prune(100);
    const counts = await this.#store.counts();
    this.#isFull = counts.reduce((sum, { count }) => sum + count, 0) > MOST_JOBS;
  }
}
