/**
 * Events within one process: who listens, and how they are told.
 *
 * @module
 */

import { checkFunction, checkKeys, checkOneOf } from "../checks.ts";
import type { Logger } from "../logger.ts";

/** An event: its name, when it was seen, and what it is about. */
export interface BusEvent {
  /** Its name. */
  readonly event: string;
  /** Epoch milliseconds by this process's clock. */
  readonly at: number;
}

/** Those of some events that have a name; all of them for `"*"`. */
export type EventOf<E extends BusEvent, N extends E["event"] | "*"> = N extends "*" ? E
  : Extract<E, { readonly event: N }>;

/** Told of events. What it throws, or rejects with, is logged. */
export type Listener<E> = (event: E) => unknown;

/** Ends a subscription: called, or disposed of. Repeat: does nothing. */
export type Unsubscribe = (() => void) & Disposable;

/** Options of a subscription. */
export interface ListenOptions {
  /** Ends the subscription when it aborts. */
  readonly signal?: AbortSignal;
}

/** Events without the time, which the bus adds. */
type Untimed<E> = E extends BusEvent ? Omit<E, "at"> : never;

/** What a bus needs. */
export interface BusOptions<E extends BusEvent> {
  /** Every name that an event can have. */
  readonly names: readonly E["event"][];
  readonly logger: Logger;
  readonly now: () => number;
}

/** Brings events to those who listen. */
export class EventBus<E extends BusEvent> {
  readonly #options: BusOptions<E>;
  readonly #listeners = new Map<string, Set<Listener<E>>>();

  /** @param options Which events there are, and who is told of what listeners throw. */
  constructor(options: BusOptions<E>) {
    this.#options = options;
  }

  /** Whether anybody listens to an event: if not, it need not be made. */
  hears(event: E["event"]): boolean {
    const listeners = this.#listeners;
    return listeners.size > 0 && (listeners.has(event) || listeners.has("*"));
  }

  /** Has a listener told of one kind of events, or of all (`"*"`). */
  on<N extends E["event"] | "*">(
    event: N,
    listener: Listener<EventOf<E, N>>,
    options: ListenOptions = {},
  ): Unsubscribe {
    const action = "listen to events";
    checkOneOf(action, "event", event, [...this.#options.names, "*"]);
    checkFunction(action, "listener", listener);
    checkKeys(action, options, ["signal"]);
    const { signal } = options;
    // One of its own, so that a function may listen twice.
    const own: Listener<E> = (told) => listener(told as EventOf<E, N>);
    const off = (): void => {
      signal?.removeEventListener("abort", off);
      const listeners = this.#listeners.get(event);
      listeners?.delete(own);
      if (listeners?.size === 0) this.#listeners.delete(event);
    };
    const unsubscribe = Object.assign(off, { [Symbol.dispose]: off });
    if (signal?.aborted) return unsubscribe;
    signal?.addEventListener("abort", off, { once: true });
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(own));
    return unsubscribe;
  }

  /** Tells those who listen now, soon after this call, in the order of the calls. */
  emit(event: Untimed<E>): void {
    const timed = { ...event, at: this.#options.now() } as unknown as E;
    for (const name of [timed.event, "*"]) {
      for (const listener of this.#listeners.get(name) ?? []) this.#tell(listener, timed);
    }
  }

  async #tell(listener: Listener<E>, event: E): Promise<void> {
    try {
      await undefined;
      await listener(event);
    } catch (error) {
      this.#options.logger.error("Listener failed", { event: event.event, error });
    }
  }
}
