/** All that the steps of one history work on. */

import type { FakeClock } from "../../src/testing/fake_clock.ts";
import { Claims, type Side } from "./claims.ts";
import type { History } from "./history.ts";
import { Watch } from "./invariants.ts";
import { JobMaker } from "./job_maker.ts";
import { Ledger } from "./ledger.ts";
import type { RuleLimits } from "../../src/store/store.ts";
import type { Pair } from "./pair.ts";
import type { Step } from "./steps.ts";

export type { StepOf } from "./steps.ts";

/** What a history is played with. */
export interface Setting {
  readonly pair: Pair;
  readonly clocks: readonly FakeClock[];
  readonly history: History;
  /** See `Subject.endsInOrder`. */
  readonly endsInOrder: boolean;
}

/** Where a history is played. */
export class World {
  readonly pair: Pair;
  readonly history: History;
  readonly watch: Watch;
  readonly ledger: Ledger;
  readonly maker: JobMaker;
  readonly claims: Claims = new Claims();
  /** Ids of jobs that may be there. */
  readonly ids: Set<string> = new Set();
  /** Versions of the schedules on both sides. */
  readonly versions: Map<string, Readonly<Record<Side, number>>> = new Map();
  /** The rules that are set, and whether any ever was, by name. */
  readonly rules: Map<string, RuleLimits> = new Map();
  everLimited = false;
  /** What is paused, by name. */
  readonly paused: Set<string> = new Set();
  /** To be told what a step meant, before it is taken. */
  readonly meant: (step: Step) => void;
  /** Whether the store tells the children of jobs that end in one call in the order of the call. */
  readonly endsInOrder: boolean;
  readonly #clocks: readonly FakeClock[];

  constructor(
    { pair, clocks, history, endsInOrder }: Setting,
    meant: (step: Step) => void,
  ) {
    this.meant = meant;
    this.endsInOrder = endsInOrder;
    this.pair = pair;
    this.history = history;
    this.maker = new JobMaker(clocks[0]!);
    this.watch = new Watch(pair.store, history.maxDeliveries);
    this.ledger = new Ledger(history.retention);
    this.#clocks = clocks;
  }

  /** The time of both stores. */
  get now(): number {
    return this.#clocks[0]!.now();
  }

  /** Moves the time of both stores. */
  jump(ms: number): void {
    for (const clock of this.#clocks) clock.jump(ms);
  }
}
