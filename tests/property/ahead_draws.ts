/**
 * Claims ahead, marks and goodbyes. They draw from a seed of their own, so that the
 * other steps of a history are what they were without them.
 */

import { Draws } from "./draws.ts";
import { type ClaimName, type ClaimSpec, type MarkSpec, servers, type Step } from "./steps.ts";

/** Share of the histories whose pools claim ahead. */
const SHARE = 0.6;
/** Share of the steps before which a pool says what it has started, and before which a server leaves. */
const MARKS = 0.03;
const LEAVES = 0.01;

/** Makes pools claim ahead. */
export class AheadDraws {
  readonly #draws: Draws;

  /** @param seed That of the history. */
  constructor(seed: number) {
    this.#draws = new Draws(seed ^ 0xa4ead);
  }

  /** The same steps, of pools that claim ahead. */
  among(steps: readonly Step[]): Step[] {
    if (!this.#draws.chance(SHARE)) return [...steps];
    return steps.flatMap((step): Step[] => {
      const draw = this.#draws.share();
      if (draw < LEAVES) return [{ do: "leave", server: this.#draws.pick(servers) }, step];
      if (draw < LEAVES + MARKS) {
        return [{ do: "settle", ends: [], startMark: this.#mark() }, this.#ahead(step)];
      }
      return [this.#ahead(step)];
    });
  }

  #ahead(step: Step): Step {
    if (step.do === "claim") return { ...step, claim: this.#claim(step.claim) };
    if (step.do !== "settle") return step;
    const claim = step.claim === undefined ? {} : { claim: this.#claim(step.claim) };
    const mark = this.#draws.chance(0.4) ? { startMark: this.#mark(step.claim?.server) } : {};
    return { ...step, ...claim, ...mark };
  }

  #claim(claim: ClaimSpec): ClaimSpec {
    return this.#draws.chance(0.6)
      ? { ...claim, ahead: this.#draws.below(claim.limit + 1) }
      : claim;
  }

  #mark(server: string = this.#draws.pick(servers)): MarkSpec {
    if (this.#draws.chance(0.3)) return { server, at: null };
    const of: ClaimName["of"] = this.#draws.chance(0.85) ? "held" : "old";
    return { server, at: { of, n: this.#draws.below(100) } };
  }
}
