/** How workers ask the partners, over HTTP, for what is to be done once. */

import { SkipRetry } from "../../../mod.ts";

/** What partners do for an order, and can take back. */
export type Deed = "reserve" | "charge" | "ship";

/** The partners, seen from a worker. */
export class Partner {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /**
   * Has something done for an order.
   *
   * @throws {SkipRetry} If the partner refuses for good. All else is worth a retry.
   */
  async ask<T>(deed: Deed, order: { readonly id: string }, signal: AbortSignal): Promise<T> {
    const response = await this.#send("POST", deed, order, signal);
    const answer = await response.json();
    if (response.ok) return answer;
    if (response.status >= 500) throw new Error(`${deed}: ${answer.error}`);
    throw new SkipRetry(`${deed}: ${answer.error}`);
  }

  /** Takes it back, if it was done. From then on it cannot be done any more. */
  async undo(deed: Deed, order: { readonly id: string }, signal: AbortSignal): Promise<boolean> {
    const response = await this.#send("DELETE", deed, order, signal);
    if (!response.ok) throw new Error(`${deed} cannot be undone: ${response.status}`);
    return (await response.json()).undone;
  }

  #send(
    method: string,
    deed: Deed,
    order: { readonly id: string },
    signal: AbortSignal,
  ): Promise<Response> {
    return fetch(`${this.#url}/${deed}`, {
      method,
      headers: {
        // The same in every attempt: by it the partner knows a repeated request.
        "Idempotency-Key": `${deed}-${order.id}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify(order),
      signal,
    });
  }
}
