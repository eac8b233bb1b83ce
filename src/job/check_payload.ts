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

/**
 * Checks a value; a promise only if the schema works asynchronously. A schema
 * that answers against the standard lets nothing pass.
 *
 * @throws What the schema throws.
 */
export function checkPayload<P>(
  schema: StandardSchemaV1<unknown, P>,
  value: unknown,
): PayloadCheck<P> | Promise<PayloadCheck<P>> {
  const result: unknown = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then((late) => toCheck<P>(late)) : toCheck(result);
}

function toCheck<P>(result: unknown): PayloadCheck<P> {
  const { issues, value } = (result ?? {}) as {
    readonly issues?: readonly StandardSchemaIssue[];
    readonly value?: P;
  };
  if (issues !== undefined) return { ok: false, issues: issues.slice(0, MAX_ISSUES).map(describe) };
  if (typeof result === "object" && result !== null && "value" in result) {
    return { ok: true, value: value as P };
  }
  return { ok: false, issues: ["the schema answered neither 'value' nor 'issues'"] };
}

/** Issues that a message names at most. */
const MAX_ISSUES = 10;

function describe({ message, path }: StandardSchemaIssue): string {
  const keys = path?.map((part) => typeof part === "object" ? part.key : part) ?? [];
  return keys.length === 0 ? message : `${keys.map(String).join(".")}: ${message}`;
}
