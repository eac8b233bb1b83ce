/** A Standard Schema for tests, made of one function. */

import type { StandardSchemaV1 } from "../../src/job/standard_schema.ts";

type Check = Awaited<ReturnType<StandardSchemaV1["~standard"]["validate"]>>;

/** A Standard Schema of one function, as libraries make them. */
export function schema<I, P = I>(
  validate: (value: unknown) => unknown,
): StandardSchemaV1<I, P> {
  return {
    "~standard": {
      version: 1,
      vendor: "tests",
      validate: validate as StandardSchemaV1<I, P>["~standard"]["validate"],
    },
  };
}

/** Accepts `{ n: number }`. */
export const withNumber: StandardSchemaV1<{ n: number }> = schema((value): Check => {
  const n = (value as { n?: unknown } | null)?.n;
  return typeof n === "number"
    ? { value: { n } }
    : { issues: [{ message: "must be a number", path: ["n"] }] };
});

/** The same, decided later. */
export const withNumberLater: StandardSchemaV1<{ n: number }> = schema(async (value) => {
  await undefined;
  return withNumber["~standard"].validate(value);
});
