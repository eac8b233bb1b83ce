import assert from "node:assert/strict";
import { problemIn } from "../../src/monitor/check_schema.ts";
import type { Schema } from "../../src/monitor/schema.ts";

/** Asserts that a value is what a schema of the monitor says. */
export function assertMatches(schema: Schema, value: unknown, name: string = "answer"): void {
  const problem = problemIn(schema, value, name);
  assert.equal(problem, undefined, `${problem}: ${JSON.stringify(value)?.slice(0, 2000)}`);
}
