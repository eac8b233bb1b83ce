/** What servers hold, on the model and on the store under test. */

import type { ClaimReply, Hold } from "../../src/store/store.ts";
import type { ClaimName } from "./steps.ts";

/** The model, or the store under test. */
export type Side = "model" | "store";

/** One claim, as each side names it. */
export type Claim = Readonly<Record<Side, Hold>>;

/** A claim and what a step wants of it. */
export interface Named<T extends ClaimName> {
  readonly claim: Claim;
  readonly spec: T;
}

interface Held {
  readonly server: string;
  readonly claim: Claim;
  readonly deliveries: number;
}

const OLD_KEPT = 40;
/** Lower than any fence that was given. */
const OLDER_FENCE = 1;
/** A step above any fence that was given. */
const NEWER_BY = 1_000_000;

/** The claims of all servers. */
export class Claims {
  #held: Held[] = [];
  readonly #old: Claim[] = [];

  /** Adds what a server got; both sides gave it the same jobs. */
  take(server: string, { model, store }: Readonly<Record<Side, ClaimReply>>): void {
    const fences = new Map(store.jobs.map(({ id, holder }) => [id, holder.fence]));
    for (const { id, holder, deliveries } of model.jobs) {
      this.#held.push({
        server,
        deliveries,
        claim: { model: { id, fence: holder.fence }, store: { id, fence: fences.get(id)! } },
      });
    }
  }

  /** All that are held. */
  get all(): readonly Claim[] {
    return this.#held.map(({ claim }) => claim);
  }

  /** The claims of a server on jobs that were delivered at least so often. */
  delivered(server: string, least: number): Claim[] {
    return this.#held.filter((held) => held.server === server && held.deliveries >= least)
      .map(({ claim }) => claim);
  }

  /** Finds the claims that a step names, and lets go of those that it ends. Leaves out what is not there. */
  named<T extends ClaimName>(specs: readonly T[], ends: boolean): Named<T>[] {
    return specs.flatMap((spec) => {
      const claim = this.#find(spec, ends);
      return claim === undefined ? [] : [{ claim, spec }];
    });
  }

  #find({ of, n, id }: ClaimName, ends: boolean): Claim | undefined {
    const isIt = ({ model }: Claim): boolean => model.id === id;
    if (of === "old") return id === undefined ? this.old(n) : this.#old.findLast(isIt);
    const i = id === undefined
      ? n % this.#held.length
      : this.#held.findLastIndex(({ claim }) => isIt(claim));
    const found = this.#held[i]?.claim;
    if (found === undefined) return undefined;
    if (of === "older") return withFence(found, () => OLDER_FENCE);
    if (of === "newer") return withFence(found, (fence) => fence + NEWER_BY);
    if (ends) this.#drop(this.#held.splice(i, 1));
    return found;
  }

  /** A claim that was let go. */
  old(n: number): Claim | undefined {
    return this.#old[n % this.#old.length];
  }

  /** The claims of a server. */
  of(server: string): Claim[] {
    return this.#held.filter((held) => held.server === server).map(({ claim }) => claim);
  }

  /** A server loses its memory. */
  forget(server: string): void {
    this.#drop(this.#held.filter((held) => held.server === server));
    this.#held = this.#held.filter((held) => held.server !== server);
  }

  #drop(dropped: readonly Held[]): void {
    this.#old.push(...dropped.map(({ claim }) => claim));
    this.#old.splice(0, this.#old.length - OLD_KEPT);
  }
}

function withFence({ model, store }: Claim, change: (fence: number) => number): Claim {
  return {
    model: { ...model, fence: change(model.fence) },
    store: { ...store, fence: change(store.fence) },
  };
}
