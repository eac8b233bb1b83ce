/**
 * Up to where pools have started what they claimed, in the memory store.
 *
 * @module
 */

import type { Holder } from "../../job/job.ts";
import type { StartMark } from "../claim_stage.ts";

/** The marks of all pools. */
export class StartMarks {
  /** Lowest fence that was not started, by server and pool. */
  readonly #marks = new Map<string, Map<string, number>>();

  /** Sets or removes a mark, as its pool says. */
  write({ server, pool, unstartedFrom }: StartMark): void {
    if (unstartedFrom !== null) this.#of(server).set(pool, unstartedFrom);
    else if (this.#marks.get(server)?.delete(pool) && this.#of(server).size === 0) {
      this.#marks.delete(server);
    }
  }

  /** Sets a mark, unless there is one, at the first claim that a pool got ahead. */
  begin({ server, pool, fence }: Holder): void {
    const marks = this.#of(server);
    if (!marks.has(pool)) marks.set(pool, fence);
  }

  /** Whether a claim was not started, as far as its pool has told. */
  isAhead({ server, pool, fence }: Holder): boolean {
    return fence >= (this.#marks.get(server)?.get(pool) ?? Infinity);
  }

  /** Drops the marks of servers that hold nothing: those say nothing. */
  keepOf(holders: Iterable<{ readonly holder: Holder | null }>): void {
    if (this.#marks.size === 0) return;
    const servers = new Set(Array.from(holders, ({ holder }) => holder?.server));
    for (const server of this.#marks.keys()) {
      if (!servers.has(server)) this.#marks.delete(server);
    }
  }

  /** Drops the marks of a server. */
  forget(server: string): void {
    this.#marks.delete(server);
  }

  #of(server: string): Map<string, number> {
    let marks = this.#marks.get(server);
    if (marks === undefined) this.#marks.set(server, marks = new Map());
    return marks;
  }
}
