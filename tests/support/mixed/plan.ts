/**
 * Jobs of all kinds for `tests/faults/mixed_worker.ts`, with the statuses in
 * which each may end whatever happens to workers and store.
 */

import type { EdgePolicy, EnqueueOptions, JobStatus } from "../../../mod.ts";

/** How a job is enqueued, and what is done with it afterwards. */
export type Kind =
  | "plain"
  | "delayed"
  | "retried"
  | "dead"
  | "graph"
  | "batch"
  | "rows"
  | "unique"
  | "grown"
  | "canceled"
  | "expiring"
  | "revived";

/** What a handler of the worker is told. */
export interface MixedPayload {
  /** How long it works. */
  readonly ms: number;
  /** Attempts that fail before one succeeds; -1 for all. */
  readonly failures?: number;
  /** Ids of the children that it adds. */
  readonly children?: readonly string[];
  /** Whether it adds them as one graph. */
  readonly asGraph?: boolean;
  /** Whether it works until its process is killed, the first time. */
  readonly untilKilled?: boolean;
}

/** A job to be enqueued. */
export interface Planned {
  readonly id: string;
  readonly type: "work" | "row" | "grow" | "long";
  readonly payload: MixedPayload;
  readonly options: Omit<EnqueueOptions, "id" | "dependsOn" | "expireAt">;
  /** Its parents, of the same unit and before it. */
  readonly parents: readonly { readonly id: string; readonly onFailure: EdgePolicy }[];
  /** Milliseconds after its enqueue at which it expires. */
  readonly expiresInMs?: number;
}

/** Jobs that are enqueued by one call. */
export interface Unit {
  readonly kind: Kind | "held";
  readonly jobs: readonly Planned[];
  /** The statuses in which its jobs, and the children that they add, may end. */
  readonly ends: ReadonlyMap<string, readonly JobStatus[]>;
}

const KINDS: readonly (readonly [Kind, number])[] = [
  ["plain", 24],
  ["delayed", 10],
  ["retried", 10],
  ["dead", 5],
  ["graph", 16],
  ["batch", 5],
  ["rows", 5],
  ["unique", 8],
  ["grown", 6],
  ["canceled", 6],
  ["expiring", 5],
  ["revived", 5],
];
const WEIGHTS = KINDS.reduce((sum, [, weight]) => sum + weight, 0);
const POLICIES: readonly EdgePolicy[] = ["cancel", "continue", "ignore"];
/** Retries of a job that fails for good. */
const FEW_RETRIES = 1;

/** Makes units with at least as many jobs as asked for, the same for each seed. */
export function planUnits(rng: () => number, count: number): Unit[] {
  const units: Unit[] = [];
  for (let jobs = 0; jobs < count;) {
    const unit = new UnitMaker(rng, units.length).make(kindOf(rng));
    units.push(unit);
    // Most of those that are to be unique find another that does their work.
    if (unit.kind !== "unique") jobs += unit.ends.size;
  }
  return units;
}

/** A job whose first holder works until it is killed. */
export const HELD: Unit & { readonly jobs: readonly [Planned] } = {
  kind: "held",
  jobs: [{
    id: "held",
    type: "long",
    payload: { ms: 0, untilKilled: true },
    options: {},
    parents: [],
  }],
  ends: new Map([["held", ["completed"]]]),
};

function kindOf(rng: () => number): Kind {
  let at = rng() * WEIGHTS;
  return KINDS.find(([, weight]) => (at -= weight) < 0)?.[0] ?? "plain";
}

class UnitMaker {
  readonly #rng: () => number;
  readonly #number: number;
  readonly #jobs: Planned[] = [];
  readonly #ends = new Map<string, readonly JobStatus[]>();

  constructor(rng: () => number, number: number) {
    this.#rng = rng;
    this.#number = number;
  }

  make(kind: Kind): Unit {
    this.#fill(kind);
    return { kind, jobs: this.#jobs, ends: this.#ends };
  }

  #fill(kind: Kind): void {
    switch (kind) {
      case "plain":
        return void this.#job({ options: { priority: this.#upTo(5) } });
      case "delayed":
        return void this.#job({ options: { delayMs: this.#upTo(2000) } });
      case "retried":
        return void this.#job({ failures: 1 });
      case "dead":
        return void this.#job({ failures: -1 });
      case "batch":
        return void this.#several(() => this.#job({ failures: this.#rng() < 0.2 ? 1 : 0 }));
      case "rows":
        return void this.#several(() =>
          this.#job({ type: "row", failures: this.#rng() < 0.2 ? 1 : 0 })
        );
      case "unique": {
        const onConflict = (["replace", "rerun", "existing"] as const)[this.#upTo(3)]!;
        const key = `${onConflict}-${this.#upTo(8)}`;
        return void this.#job({ options: { unique: { key }, onConflict } });
      }
      case "canceled": {
        const long = this.#rng() < 0.7;
        const options = long ? {} : { delayMs: 60_000 };
        return void this.#job({ type: "long", ms: 1000, options, ends: ["canceled", "completed"] });
      }
      case "expiring":
        return void this.#job({
          expiresInMs: this.#upTo(1500),
          options: { delayMs: this.#upTo(500) },
          ends: ["canceled", "completed"],
        });
      case "grown":
        return this.#grown();
      case "revived":
        return this.#revived();
      case "graph":
        return this.#graph();
    }
  }

  /** A job that adds children, and may fail after that. */
  #grown(): void {
    const failures = this.#rng() < 0.15 ? -1 : this.#rng() < 0.2 ? 1 : 0;
    const children = Array.from(
      { length: 1 + this.#upTo(4) },
      (_, i) => `${this.#nextId()}-c${i}`,
    );
    this.#job({ type: "grow", failures, children, asGraph: this.#rng() < 0.5 });
    for (const id of children) this.#ends.set(id, [failures < 0 ? "canceled" : "completed"]);
  }

  /** A parent that is to be retried when it is dead, and with it who was canceled. */
  #revived(): void {
    const root = this.#job({ failures: -1, ends: ["completed"] });
    const parents = [{ id: root, onFailure: "cancel" as const }];
    const middle = Array.from(
      { length: 1 + this.#upTo(3) },
      () => this.#job({ parents, ends: ["completed"] }),
    );
    this.#job({
      parents: middle.map((id) => ({ id, onFailure: "cancel" as const })),
      ends: ["completed"],
    });
    this.#job({ parents: [{ id: root, onFailure: "continue" }], ends: ["completed"] });
  }

  /** A chain, a fan or a diamond, with any policies, some of whose jobs fail. */
  #graph(): void {
    const add = (parents: readonly string[]): string =>
      this.#job({
        failures: this.#rng() < 0.15 ? -1 : 0,
        parents: parents.map((id) => ({ id, onFailure: POLICIES[this.#upTo(3)]! })),
      });
    const shape = this.#upTo(3);
    let last = add([]);
    if (shape === 0) {
      for (let i = 2 + this.#upTo(4); i > 0; i--) last = add([last]);
      return;
    }
    const width = shape === 1 ? 3 + this.#upTo(10) : 2;
    add(Array.from({ length: width }, () => add([last])));
  }

  #several(add: () => void): void {
    for (let i = 2 + this.#upTo(15); i > 0; i--) add();
  }

  #job(
    { type = "work", ms = this.#upTo(25), parents = [], options = {}, ends, ...rest }:
      & Partial<Omit<Planned, "id" | "payload">>
      & Partial<MixedPayload>
      & { readonly ends?: readonly JobStatus[] },
  ): string {
    const { expiresInMs, failures = 0, ...told } = rest;
    const id = this.#nextId();
    const dies = failures < 0;
    this.#jobs.push({
      id,
      type,
      payload: { ms, failures, ...told },
      options: { ...options, ...(dies ? { maxRetry: FEW_RETRIES } : {}) },
      parents,
      ...(expiresInMs === undefined ? {} : { expiresInMs }),
    });
    const canceled = parents.some(({ id: parent, onFailure }) =>
      onFailure === "cancel" && this.#ends.get(parent)![0] !== "completed"
    );
    this.#ends.set(id, ends ?? [canceled ? "canceled" : dies ? "dead_letter" : "completed"]);
    return id;
  }

  #nextId(): string {
    return `u${this.#number}-${this.#jobs.length}`;
  }

  #upTo(limit: number): number {
    return Math.floor(this.#rng() * limit);
  }
}
