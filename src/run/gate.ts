/**
 * Types that one server does not start for now, whatever others do.
 *
 * @module
 */

import type { ClaimSource } from "../store/store.ts";

/** The closed types of one server. Jobs that run go on; others wait, or are taken by other servers. */
export class Gate {
  readonly #closed = new Set<string>();
  readonly #onChange: () => void;

  /**
   * Makes a gate that is open for all types.
   *
   * @param onChange Called when a type is closed or opened.
   */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Starts no more jobs of a type. Repeat: does nothing. */
  close(type: string): void {
    if (this.#closed.has(type)) return;
    this.#closed.add(type);
    this.#onChange();
  }

  /** Starts jobs of a type again. Repeat: does nothing. */
  open(type: string): void {
    if (this.#closed.delete(type)) this.#onChange();
  }

  /** Whether jobs of a type are started. */
  isOpen(type: string): boolean {
    return !this.#closed.has(type);
  }

  /** Leaves the closed types out of what a pool asks for; undefined if nothing is left. */
  filter(sources: readonly ClaimSource[]): readonly ClaimSource[] | undefined {
    if (this.#closed.size === 0) return sources;
    const open = sources.map((source) => ({
      ...source,
      types: source.types.filter((type) => this.isOpen(type)),
    }));
    return open.some(({ types }) => types.length > 0) ? open : undefined;
  }
}
