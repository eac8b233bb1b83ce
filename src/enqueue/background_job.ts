/**
 * A job that waits in the buffer of a background enqueuer.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { serialize } from "../job/serialize.ts";
import { StoreBusyError, StoreUnavailableError } from "../store/errors.ts";
import type { BackgroundItem } from "./background_options.ts";
import type { EnqueueOptions } from "./options.ts";

/** Where a job was added. */
export interface AddedIn {
  readonly clock: Clock;
  /** Calls a function as if whoever added the job did. */
  readonly within: <R>(call: () => R) => R;
}

/** A job as it was when it was added, whatever becomes of its payload meanwhile. */
export class BufferedJob {
  /** Rising number, in the order in which jobs were added. */
  readonly number: number;
  /** Calls a function as if whoever added the job did. */
  readonly within: AddedIn["within"];
  readonly #type: string;
  readonly #options: EnqueueOptions & { readonly id: string };
  readonly #clock: Clock;
  readonly #addedAt: number;
  /** JSON text of the payload; undefined if it is none. */
  readonly #text: string | undefined;
  readonly #payload: unknown;
  #lastError: unknown;
  #mayBeThere = false;

  /** @param number Rising number of the job. */
  constructor(
    number: number,
    type: string,
    payload: unknown,
    options: EnqueueOptions & { readonly id: string },
    { clock, within }: AddedIn,
  ) {
    const text = payload === undefined ? undefined : serialize(payload, "payload");
    this.number = number;
    this.within = within;
    this.#type = type;
    this.#options = options;
    this.#clock = clock;
    this.#addedAt = clock.mono();
    this.#text = typeof text === "string" ? text : undefined;
    // One that is no JSON is for whoever enqueues it to refuse.
    this.#payload = this.#text === undefined ? payload : undefined;
  }

  /** What was added. */
  get item(): BackgroundItem {
    const payload = this.#text === undefined ? this.#payload : JSON.parse(this.#text);
    return { type: this.#type, payload, options: this.#options };
  }

  /** What went wrong last. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /** Takes note of a call that failed. */
  note(error: unknown): void {
    this.#lastError = error;
    // Whether such a call was carried out is not known: the id may be in use by this very job.
    if (error instanceof StoreUnavailableError) this.#mayBeThere = true;
  }

  /** What to send now: it is due when it was to be due, and there once. */
  next(): BackgroundItem {
    const { delayMs, ...options } = this.#options;
    const waitedMs = this.#clock.mono() - this.#addedAt;
    return {
      ...this.item,
      options: {
        ...options,
        ...(delayMs === undefined ? {} : { delayMs: Math.max(0, Math.round(delayMs - waitedMs)) }),
        ...(this.#mayBeThere ? { onConflict: "existing" } : {}),
      },
    };
  }
}

/** Whether the store may take a job later that it did not take with this error. */
export function mayPass(error: unknown): boolean {
  return error instanceof StoreUnavailableError || error instanceof StoreBusyError;
}
