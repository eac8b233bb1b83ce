/**
 * Comparing passwords with hashes, which is meant to take long, in a thread: bcryptjs by itself gives
 * way to all else only every tenth of a second.
 *
 * @module
 */

import { siblingUrl, startThread, type Thread } from "../../runtime/threads.ts";

/** What is compared. */
export interface Comparison {
  readonly password: string;
  readonly passwordHash: string;
}

/** Up to this cost a thread takes longer to start than the comparison takes. */
const QUICK_COST = 7;
const entry = siblingUrl("password_main", import.meta.url);
/** Never called: it names the file, so that what packs or compiles this package takes it along. */
export const loadEntry = (): Promise<unknown> => import("./password_main.ts");

/** Compares passwords, one at a time. */
export class Comparer {
  readonly #entry: URL;
  #thread: Thread | undefined;
  #answer = Promise.withResolvers<boolean | undefined>();

  /** @param threadEntry What its thread runs. */
  constructor(threadEntry: URL = entry) {
    this.#entry = threadEntry;
  }

  /** Whether a password has a hash. Where no thread starts, the one that calls compares. */
  async compare(comparison: Comparison): Promise<boolean> {
    const { password, passwordHash } = comparison;
    const cost = Number(passwordHash.split("$")[2]);
    const isRight = cost > QUICK_COST ? await this.#inThread(comparison) : undefined;
    if (isRight !== undefined) return isRight;
    const { compare } = await import("bcryptjs");
    return await compare(password, passwordHash);
  }

  /** Ends the thread, if there is one; the next comparison starts another. */
  async rest(): Promise<void> {
    await this.#thread?.terminate();
  }

  /** Undefined if the thread did not get so far. */
  async #inThread(comparison: Comparison): Promise<boolean | undefined> {
    this.#answer = Promise.withResolvers();
    try {
      this.#thread ??= await startThread(this.#entry, {
        data: undefined,
        onMessage: (isRight) => this.#answer.resolve(isRight as boolean),
        onEnd: () => {
          this.#thread = undefined;
          this.#answer.resolve(undefined);
        },
      });
      this.#thread.post(comparison);
    } catch {
      return undefined;
    }
    return await this.#answer.promise;
  }
}
