/**
 * What goes wrong, by kind of failure.
 *
 * @module
 */

import type { ErrorGroup, ErrorGroupsReply, Store } from "../store/store.ts";

/** Most groups of a page, unless asked for less. */
const DEFAULT_LIMIT = 50;

/** Which groups to list. */
export interface ErrorsOptions {
  /** Most groups of a page, 1 to 500. @default {50} */
  readonly limit?: number;
  /** Only those whose newest failure was of this type of job. @default {all types} */
  readonly type?: string;
  /** Where the last page ended. */
  readonly cursor?: string;
}

/**
 * Failures, grouped by what they have in common: name, message without numbers
 * and ids, and place in the code. A client has one, as `client.insight.errors`.
 *
 * A store keeps 1000 groups, each until it has not grown for 30 days.
 */
export class Errors {
  readonly #store: (action: string) => Promise<Store>;

  /**
   * Makes one on a store.
   *
   * @param store Gives the store, open; told what it is for.
   */
  constructor(store: (action: string) => Promise<Store>) {
    this.#store = store;
  }

  /**
   * Lists groups, the one that failed last first.
   *
   * @throws {InvalidOptionError} If an option is unknown or out of range.
   */
  async list(options: ErrorsOptions = {}): Promise<ErrorGroupsReply> {
    const store = await this.#store("list errors");
    return await store.errorGroups({ limit: DEFAULT_LIMIT, ...options });
  }

  /**
   * Reads one group; null if there is none.
   *
   * @param fingerprint As in the `error` of a job's attempt.
   */
  async get(fingerprint: string): Promise<ErrorGroup | null> {
    const store = await this.#store("read errors");
    const { groups } = await store.errorGroups({ limit: 1, fingerprint });
    return groups[0] ?? null;
  }
}
