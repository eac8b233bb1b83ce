/**
 * Spans of attempts after which their jobs may run again, so that the next attempt can point to them.
 *
 * @module
 */

import type { SpanContext } from "@opentelemetry/api";

/** Spans by job, the newest 1000: a link is worth no more memory. */
export class RecentSpans {
  readonly #most: number;
  readonly #spans = new Map<string, SpanContext>();

  /** @param most How many are kept. */
  constructor(most: number = 1000) {
    this.#most = most;
  }

  /** Keeps the span of a job's newest attempt. */
  keep(id: string, span: SpanContext): void {
    this.#spans.delete(id);
    this.#spans.set(id, span);
    if (this.#spans.size > this.#most) this.#spans.delete(this.#spans.keys().next().value!);
  }

  /** Gives the span of a job's newest attempt, once. */
  take(id: string): SpanContext | undefined {
    const span = this.#spans.get(id);
    this.#spans.delete(id);
    return span;
  }
}
