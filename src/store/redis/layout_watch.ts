/**
 * Looks at the mark of the layout beside the calls, so that a program that has been connected for
 * long finds out when a newer one has raised it.
 *
 *     trusted --half its time--> looking, while calls go on --> trusted
 *        +-------its time------> looking, while calls wait ---> trusted, or refused for good
 *
 * A call is sent only within some time after the last look. So who carries a layout forward, and has
 * said so in the mark, waits that long and then is alone. A busy program never waits for a look, and
 * a look costs one command in seconds.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import type { StoreVersionError } from "../errors.ts";
import { raisedLayout } from "../layout_errors.ts";
import { LAYOUT, LAYOUT_KEY, markText, readMark, TRUST_MS } from "./layout.ts";
import { isReplyError, type Link } from "./link.ts";

/** What a watch needs. */
export interface LayoutWatchOptions {
  readonly link: Link;
  /** First part of all keys. */
  readonly root: string;
  /** Where the store is, for errors. */
  readonly store: string;
  /** How long calls are sent after a look. @default {10_000} */
  readonly trustMs?: number | undefined;
}

/** Looks at the mark of one store. */
export class LayoutWatch {
  readonly #options: LayoutWatchOptions;
  readonly #trustMs: number;
  #lookedAt = -Infinity;
  #look: Promise<boolean> | undefined;
  /** Whether calls wait for the look that is under way. */
  #isAwaited = false;
  #error: StoreVersionError | undefined;

  /** @param options Where to look. */
  constructor(options: LayoutWatchOptions) {
    this.#options = options;
    this.#trustMs = options.trustMs ?? TRUST_MS;
  }

  /**
   * Undefined if a call may be sent now; else what it has to wait for: false if nothing was heard, so
   * that it has to ask again.
   *
   * @throws {StoreVersionError} If a newer version has raised the layout.
   */
  due(): Promise<boolean> | undefined {
    this.throwIfRaised();
    // Who comes while others wait goes behind them.
    if (this.#isAwaited) return this.#look;
    const age = systemClock.mono() - this.#lookedAt;
    if (age < this.#trustMs / 2) return undefined;
    this.#look ??= this.#run();
    if (age < this.#trustMs) return undefined;
    this.#isAwaited = true;
    return this.#look;
  }

  /** @throws {StoreVersionError} If a look has found that a newer version has raised the layout. */
  throwIfRaised(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Takes note that the mark was read at this time, by `mono`. */
  looked(at: number): void {
    this.#lookedAt = at;
  }

  #run(): Promise<boolean> {
    const look = this.#ask();
    // A little later, so that nobody comes between the answer and those who waited for it.
    look.then(() => {}).then(() => {}).then(() => {
      this.#look = undefined;
      this.#isAwaited = false;
    });
    return look;
  }

  /** One look; false if nothing was heard. Does not reject. */
  async #ask(): Promise<boolean> {
    const { link, root, store } = this.#options;
    const key = root + LAYOUT_KEY;
    const askedAt = systemClock.mono();
    let reply: unknown;
    try {
      reply = await link.send("GET", [key]);
    } catch (error) {
      // What keeps Redis from answering meets the call, too.
      return isReplyError(error);
    }
    const mark = readMark(reply);
    if (mark === undefined && reply !== null) {
      link.drop("a reply that belongs to another call, to 'GET'");
      return false;
    }
    if (mark !== undefined && mark.least > LAYOUT.version) {
      this.#error = raisedLayout({ store, found: mark.version, own: LAYOUT.version });
      return true;
    }
    // Somebody has emptied the store.
    if (mark === undefined) link.send("SET", [key, markText(LAYOUT), "NX"]).catch(() => {});
    this.#lookedAt = askedAt;
    return true;
  }
}
