/**
 * Runs a payload through the Standard Schema of its type.
 *
 * @module
 */

import type { StandardSchemaIssue, StandardSchemaV1 } from "./standard_schema.ts";

/** A payload that passed, or what is wrong with it as texts. */
export type PayloadCheck<P> =
  | { readonly ok: true; readonly value: P }
  | { readonly ok: false; readonly issues: readonly string[] };

/** Checks a value; a promise only if the schema works asynchronously. */
export function checkPayload<P>(
  schema: StandardSchemaV1<unknown, P>,
  value: unknown,
): PayloadCheck<P> | Promise<PayloadCheck<P>> {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(toCheck) : toCheck(result);
}

function toCheck<P>(
  result: Awaited<ReturnType<StandardSchemaV1<unknown, P>["~standard"]["validate"]>>,
): PayloadCheck<P> {
  return result.issues === undefined
    ? { ok: true, value: result.value }
    : { ok: false, issues: result.issues.slice(0, MAX_ISSUES).map(describe) };
}

/** Issues that a message names at most. */
const MAX_ISSUES = 10;

function describe({ message, path }: StandardSchemaIssue): string {
  const keys = path?.map((part) => typeof part === "object" ? part.key : part) ?? [];
  return keys.length === 0 ? message : `${keys.map(String).join(".")}: ${message}`;
}
