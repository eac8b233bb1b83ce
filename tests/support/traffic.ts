/** What is under way between a pool and its store. */

import type { ClaimReply, ClaimRequest, SettleRequest } from "../../src/store/store.ts";
import { trip } from "./far_world.ts";
import type { World } from "./world.ts";

/** A cycle on its way to the store or back. */
export interface Way {
  /** From 1, in the order in which they were sent. */
  readonly n: number;
  readonly request: SettleRequest;
  /** Passes it on. */
  run(): Promise<unknown>;
}

/** Watches the cycles of the one pool of a world, each of which takes a trip. */
export class Traffic {
  readonly underWay = new Set<Way>();
  /** Most cycles under way at once. */
  most = 0;
  /** Claims that the pool has heard of. */
  claimed = 0;
  /** Called when a cycle is sent; it is among those under way. */
  onSend: (way: Way) => void = () => {};
  /** How a cycle travels. */
  travel: (way: Way) => Promise<unknown>;
  #sent = 0;

  /** @param world Whose store it is. */
  constructor(world: World) {
    this.travel = ({ run }) => trip(world, run);
    world.store.on("claim", ({ args: [claim], run }) => this.#send({ outcomes: [], claim }, run));
    world.store.on("settle", ({ args: [request], run }) => this.#send(request, run));
  }

  /** What those under way ask for. */
  get asked(): number {
    return [...this.underWay].reduce((sum, { request }) => sum + limitOf(request.claim), 0);
  }

  async #send<Reply>(request: SettleRequest, run: () => Promise<Reply>): Promise<Reply> {
    const way: Way = { n: ++this.#sent, request, run };
    this.underWay.add(way);
    this.most = Math.max(this.most, this.underWay.size);
    this.onSend(way);
    try {
      const reply = await this.travel(way) as Reply & ClaimReply & { claimed?: ClaimReply };
      this.claimed += (reply.claimed ?? reply).jobs?.length ?? 0;
      return reply;
    } finally {
      this.underWay.delete(way);
    }
  }
}

function limitOf(claim: ClaimRequest | undefined): number {
  return claim?.limit ?? 0;
}
