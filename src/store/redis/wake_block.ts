/**
 * One call that blocks on wake lists.
 *
 *     out --token, time--> over
 *      +--- push to its own list ---> over
 *
 * @module
 */

import { type Link, LinkLost } from "./link.ts";
import type { ScriptRunner } from "./script_runner.ts";

/** Lifetime of a list that nobody reads any more, in seconds. */
const LIST_LIFE_S = 60;
/** How much longer than the call may take its reply is waited for, in milliseconds. */
const REPLY_MS = 5000;

/** A wake token that was taken. */
export interface Token {
  /** The queue and type, as `queue|type`. */
  readonly pair: string;
  readonly kind: string;
}

/** What a blocking call needs. */
export interface WakeBlockOptions {
  readonly runner: ScriptRunner;
  /** Connection that blocks. */
  readonly link: Link;
  /** Pairs on whose lists it waits. */
  readonly lists: ReadonlySet<string>;
  /** Longest time that it takes. */
  readonly seconds: number;
}

/** A blocking call. */
export class WakeBlock {
  /** Whoever pushes to the list `own:{name}` ends it. */
  readonly name: string;
  readonly #options: WakeBlockOptions;
  #isOver = false;
  #isEnding = false;
  #isOff = false;

  /** @param options On what it waits, and where. */
  constructor(options: WakeBlockOptions) {
    this.#options = options;
    this.name = options.runner.newTag();
  }

  /** Connection that blocks. */
  get link(): Link {
    return this.#options.link;
  }

  /** Longest wait for the reply, and for that of a call behind it, in milliseconds. */
  get timeoutMs(): number {
    return this.#options.seconds * 1000 + REPLY_MS;
  }

  /** Whether it waits on all of these lists. */
  covers(lists: ReadonlySet<string>): boolean {
    return lists.isSubsetOf(this.#options.lists);
  }

  /**
   * Sends it, and gives the token if it took one.
   *
   * @throws {LinkLost} If the connection is lost, or the reply is to another call.
   */
  async pop(): Promise<Token | undefined> {
    const { runner, link, lists, seconds } = this.#options;
    const prefix = runner.key("w:");
    const keys = [this.#own, ...[...lists].map((pair) => prefix + pair)];
    try {
      const reply = await link.send("BLPOP", [...keys, seconds], this.timeoutMs);
      if (reply === null) return undefined;
      const [key, kind] = reply as [unknown, string];
      if (key === this.#own) return undefined;
      if (typeof key === "string" && key.startsWith(prefix)) {
        return { pair: key.slice(prefix.length), kind };
      }
    } finally {
      this.#isOver = true;
    }
    const reason = "a reply that belongs to another call, to 'BLPOP'";
    link.drop(reason);
    throw new LinkLost(reason);
  }

  /** Ends it. */
  end(): void {
    if (this.#isOver || this.#isEnding) return;
    this.#isEnding = true;
    this.#push("1").catch(() => this.#isEnding = false);
  }

  /** Ends it, and leaves an element by which a claim behind it sees that it is not wanted. */
  callOff(): void {
    if (this.#isOff) return;
    this.#isEnding = this.#isOff = true;
    this.#push("1", "1").catch(() => {});
  }

  get #own(): string {
    return this.#options.runner.key(`own:${this.name}`);
  }

  async #push(...elements: readonly string[]): Promise<void> {
    const { runner } = this.#options;
    await Promise.all([
      runner.command("LPUSH", [this.#own, ...elements]),
      runner.command("EXPIRE", [this.#own, LIST_LIFE_S]),
    ]);
  }
}
