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
  /** The same, by the job's id. */
  readonly meant: T;
}

interface Listed {
  readonly claim: Claim;
}

interface Found {
  readonly claim: Claim;
  /** How many newer ones of the same job there are. */
  readonly back: number;
}

interface Held extends Listed {
  readonly server: string;
}

const OLD_KEPT = 40;
/** Lower than any fence that was given. */
const OLDER_FENCE = 1;
/** A step above any fence that was given. */
const NEWER_BY = 1_000_000;

/** The claims of all servers. */
export class Claims {
  #held: Held[] = [];
  readonly #old: Listed[] = [];

  /** Adds what a server got; both sides gave it the same jobs. */
  take(server: string, { model, store }: Readonly<Record<Side, ClaimReply>>): void {
    const fences = new Map(store.jobs.map(({ id, holder }) => [id, holder.fence]));
    for (const { id, holder } of model.jobs) {
      this.#held.push({
        server,
        claim: { model: { id, fence: holder.fence }, store: { id, fence: fences.get(id)! } },
      });
    }
  }

  /** Finds the claims that a step names, and lets go of those that it ends. Leaves out what is not there. */
  named<T extends ClaimName>(specs: readonly T[], ends: boolean): Named<T>[] {
    return specs.flatMap((spec) => {
      const found = this.#find(spec, ends);
      if (found === undefined) return [];
      const { claim, back } = found;
      return [{ claim, spec, meant: { ...spec, id: claim.model.id, back } }];
    });
  }

  #find({ of, n, id, back = 0 }: ClaimName, ends: boolean): Found | undefined {
    const list: readonly Listed[] = of === "old" ? this.#old : this.#held;
    const i = id === undefined ? n % list.length : this.#placeOf(list, id, back);
    const claim = list[i]?.claim;
    if (claim === undefined) return undefined;
    const newer = list.slice(i + 1).filter((one) => one.claim.model.id === claim.model.id);
    const found = { claim, back: newer.length };
    if (of === "older") return { ...found, claim: withFence(claim, () => OLDER_FENCE) };
    if (of === "newer") return { ...found, claim: withFence(claim, (fence) => fence + NEWER_BY) };
    if (ends && of === "held") this.#drop(this.#held.splice(i, 1));
    return found;
  }

  /** Where the claim of a job stands after which so many came. */
  #placeOf(list: readonly Listed[], id: string, back: number): number {
    let left = back;
    return list.findLastIndex(({ claim }) => claim.model.id === id && left-- === 0);
  }

  /** A claim that was let go. */
  old(n: number): Claim | undefined {
    return this.#old[n % this.#old.length]?.claim;
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
    this.#old.push(...dropped);
    this.#old.splice(0, this.#old.length - OLD_KEPT);
  }
}

function withFence({ model, store }: Claim, change: (fence: number) => number): Claim {
  return {
    model: { ...model, fence: change(model.fence) },
    store: { ...store, fence: change(store.fence) },
  };
}
