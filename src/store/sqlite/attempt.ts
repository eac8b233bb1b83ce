/**
 * The attempts kept on a row.
 *
 * @module
 */

import { type Attempt, MAX_ATTEMPTS_KEPT } from "../../job/job.ts";
import { decodeAttempts } from "./codec.ts";

/** The attempts of a row and one more; the oldest go. */
export function addAttempt(row: { readonly attempts: string | null }, attempt: Attempt): Attempt[] {
  return [...decodeAttempts(row.attempts), attempt].slice(-MAX_ATTEMPTS_KEPT);
}
