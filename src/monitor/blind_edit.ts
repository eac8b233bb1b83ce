/**
 * Who does not see all of a payload does not write over what is hidden from them by accident. What is
 * hidden is not put back for them either: it would go wherever they send the rest.
 *
 * @module
 */

import type { Call } from "./call.ts";
import { badRequest } from "./errors.ts";
import { REDACTED, type Visible } from "./redact.ts";

/** The fields that people write. */
export type Written = Omit<Visible, "result">;

/**
 * Refuses to write over what is hidden from whoever asks, unless each hidden value is given anew.
 *
 * @param type Type of the job.
 * @throws {ApiError} `BAD_REQUEST` that says where.
 */
export function needWholeEdit(call: Call, type: string, before: Written, after: Written): void {
  const { desk: { redactor }, who: { role } } = call;
  const result = undefined;
  const places = redactor.blindSpots({ ...before, result }, { ...after, result }, type, role);
  if (places.length === 0) return;
  const rule = `what is hidden from the role '${role}' must be given anew`;
  throw badRequest(`${rule}, and not as '${REDACTED}': ${places.join(", ")}`);
}
