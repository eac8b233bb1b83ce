/**
 * Payloads: in the row of their job, or in a row of their own if they are large.
 *
 * @module
 */

import { LARGEST_INLINE_PAYLOAD } from "./codec.ts";
import type { Transaction } from "./transaction.ts";

const INSERT_PAYLOAD = "INSERT INTO payloads (n, payload) VALUES (?, ?)";
const SET_INLINE = "UPDATE jobs SET payload = ? WHERE n = ?";
/** Removes a large payload. */
export const DELETE_PAYLOAD = "DELETE FROM payloads WHERE n = ?";

/** What goes into the row of a job; null if the payload needs a row of its own. */
export function inlinePayload(payload: string): string | null {
  return payload.length <= LARGEST_INLINE_PAYLOAD ? payload : null;
}

/** Writes the payload of a new job where it needs a row of its own. */
export function writeLargePayload(tx: Transaction, n: number, payload: string): void {
  tx.db.run(INSERT_PAYLOAD, n, payload);
}

/** Gives a job another payload. */
export function replacePayload(
  tx: Transaction,
  { n, is_large }: { readonly n: number; readonly is_large: number },
  payload: string,
): void {
  const inline = inlinePayload(payload);
  if (is_large === 1) tx.db.run(DELETE_PAYLOAD, n);
  tx.db.run(SET_INLINE, inline, n);
  if (inline === null) writeLargePayload(tx, n, payload);
}
