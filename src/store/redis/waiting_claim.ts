/**
 * A claim that waits in Redis behind a blocking call, on the same connection: Redis
 * carries it out by itself in the moment in which that call ends, so that the job comes
 * with the wake.
 *
 *     out --the blocking call ends--> carried out
 *      +--- called off -------------> ended without a claim
 *
 * The blocking call's own list calls it off: of two elements the first ends the call,
 * and the script finds the second. That is done after a lost connection too, which
 * Redis may not have noticed; then the claims of its tag, if any, are asked for.
 *
 * @module
 */

import type { ClaimReply, ClaimRequest } from "../store.ts";
import { type ClaimContext, readClaims, recallArgs, waitingClaimArgs } from "./claim.ts";
import { LinkLost } from "./link.ts";
import type { WakeBlock } from "./wake_block.ts";

/** A claim behind a blocking call. */
export class WaitingClaim {
  readonly #context: ClaimContext;
  readonly #request: ClaimRequest;
  readonly #block: WakeBlock;
  readonly #tag: string;
  readonly #answer = Promise.withResolvers<ClaimReply | undefined>();
  #ended = false;

  /** @param context What claims work with. @param request The claim. @param block What it is to wait behind. */
  constructor(context: ClaimContext, request: ClaimRequest, block: WakeBlock) {
    this.#context = context;
    this.#request = request;
    this.#block = block;
    this.#tag = context.runner.newTag();
  }

  /** What came of it: the reply if it was carried out and has looked at all. Does not reject. */
  get answer(): Promise<ClaimReply | undefined> {
    return this.#answer.promise;
  }

  /** Sends it, right behind the blocking call. */
  async send(): Promise<void> {
    // Claims of which there is no reply are found by the next heartbeat.
    const reply = await this.#carryOut().catch(() => undefined);
    this.#ended = true;
    this.#answer.resolve(reply);
  }

  /** Calls it off, unless it has ended, and gives what came of it. */
  end(): Promise<ClaimReply | undefined> {
    if (!this.#ended) this.#block.callOff();
    return this.answer;
  }

  async #carryOut(): Promise<ClaimReply | undefined> {
    const { runner } = this.#context;
    const { name, link, timeoutMs } = this.#block;
    const args = waitingClaimArgs(this.#context, this.#request, name);
    let reply: unknown;
    try {
      [reply] = await runner.callOnce(link, "claim", args, this.#tag, timeoutMs);
    } catch (error) {
      if (!(error instanceof LinkLost)) throw error;
      this.#block.callOff();
      const asked = recallArgs(this.#context, this.#request);
      [reply] = await runner.call("claim", asked, [], this.#tag);
    }
    return reply === undefined ? undefined : await readClaims(this.#context, this.#request, reply);
  }
}
