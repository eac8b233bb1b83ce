/**
 * Stands in for `@std/assert` where JSR cannot be reached: the same signatures over
 * `node:assert/strict`, as far as the tests use them. It is a little stricter than the original
 * (prototypes and the sign of zero count), so what passes here passes there.
 */

import strict from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";

/** What every assertion throws. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Any class, whatever its constructor takes. */
// deno-lint-ignore no-explicit-any
type Class<T> = abstract new (...args: any[]) => T;

export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  explained(msg, () => strict.deepStrictEqual(actual, expected));
}

export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  explained(msg, () => strict.notDeepStrictEqual(actual, expected));
}

export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  explained(msg, () => strict.strictEqual(actual, expected));
}

export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  ensure(actual !== undefined && actual !== null, msg, () => `Expected a value, not ${actual}`);
}

export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: Class<T>,
  msg?: string,
): asserts actual is T {
  ensure(
    actual instanceof expectedType,
    msg,
    () => `Expected an instance of ${expectedType.name}: ${show(actual)}`,
  );
}

export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  ensure(expected.test(actual), msg, () => `Expected ${show(actual)} to match ${expected}`);
}

export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  ensure(!expected.test(actual), msg, () => `Expected ${show(actual)} not to match ${expected}`);
}

export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  ensure(
    actual.includes(expected),
    msg,
    () => `Expected ${show(actual)} to contain ${show(expected)}`,
  );
}

export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  msg?: string,
): void {
  const missing = Array.from(expected).filter((item) => !Array.from(actual).some(isEqual(item)));
  ensure(missing.length === 0, msg, () => `Expected ${show(actual)} to include ${show(missing)}`);
}

export function assertObjectMatch(
  // deno-lint-ignore no-explicit-any
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  explained(msg, () => strict.deepStrictEqual(pick(actual, expected), expected));
}

export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  ensure(actual > expected, msg, () => `Expected ${show(actual)} > ${show(expected)}`);
}

export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  ensure(actual >= expected, msg, () => `Expected ${show(actual)} >= ${show(expected)}`);
}

export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  ensure(actual < expected, msg, () => `Expected ${show(actual)} < ${show(expected)}`);
}

export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  ensure(actual <= expected, msg, () => `Expected ${show(actual)} <= ${show(expected)}`);
}

export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 0);
  ensure(
    Object.is(actual, expected) || Math.abs(actual - expected) <= allowed,
    msg,
    () => `Expected ${actual} to be within ${allowed} of ${expected}`,
  );
}

export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  // deno-lint-ignore no-explicit-any
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: Class<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  try {
    fn();
  } catch (error) {
    return checked(error, classOrMsg, msgIncludes, msg);
  }
  throw new AssertionError(because("Expected function to throw", classOrMsg, msg));
}

export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  // deno-lint-ignore no-explicit-any
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: Class<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (cause) {
    throw new AssertionError(because("Function throws when expected to reject", classOrMsg, msg), {
      cause,
    });
  }
  try {
    await promise;
  } catch (error) {
    return checked(error, classOrMsg, msgIncludes, msg);
  }
  throw new AssertionError(because("Expected function to reject", classOrMsg, msg));
}

export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${msg ? `: ${msg}` : ""}`);
}

export function unreachable(reason?: string): never {
  throw new AssertionError(reason ?? "Unreachable");
}

/** Throws the caller's message, else the described difference. */
function ensure(holds: boolean, msg: string | undefined, describe: () => string): void {
  if (!holds) throw new AssertionError(msg ? `${describe()}: ${msg}` : describe());
}

/** Runs an assertion of Node; keeps its difference and adds the caller's message. */
function explained(msg: string | undefined, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof strict.AssertionError)) throw error;
    throw new AssertionError(msg ? `${error.message}\n${msg}` : error.message);
  }
}

/** Returns what was thrown if it is of the class and says the words; throws otherwise. */
function checked(
  error: unknown,
  classOrMsg: Class<Error> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): unknown {
  if (typeof classOrMsg !== "function") return error;
  if (!(error instanceof Error)) {
    throw new AssertionError(because(`A non-Error was thrown: ${show(error)}`, classOrMsg, msg));
  }
  const thrown = error.constructor.name;
  const problem = !(error instanceof classOrMsg)
    ? `Expected error to be instance of "${classOrMsg.name}", but was "${thrown}"`
    : !error.message.includes(msgIncludes ?? "")
    ? `Expected error message to include ${show(msgIncludes)}, but got ${show(error.message)}`
    : undefined;
  if (problem) throw new AssertionError(because(problem, classOrMsg, msg), { cause: error });
  return error;
}

function because(problem: string, classOrMsg: unknown, msg: string | undefined): string {
  const words = msg ?? (typeof classOrMsg === "string" ? classOrMsg : undefined);
  return words ? `${problem}: ${words}` : problem;
}

/** `actual` reduced, at every depth, to the keys that `expected` names. */
function pick(actual: unknown, expected: unknown): unknown {
  if (!isRecord(actual) || !isRecord(expected)) return actual;
  if (Array.isArray(actual)) {
    return Array.isArray(expected) ? actual.map((item, i) => pick(item, expected[i])) : actual;
  }
  const kept = Object.create(Object.getPrototypeOf(expected));
  for (const key of Reflect.ownKeys(expected)) {
    if (key in actual) kept[key] = pick(actual[key], expected[key]);
  }
  return kept;
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null &&
    !(value instanceof Date || value instanceof RegExp || ArrayBuffer.isView(value)) &&
    !(value instanceof Map || value instanceof Set || value instanceof Error);
}

function isEqual(item: unknown): (other: unknown) => boolean {
  return (other) => isDeepStrictEqual(other, item);
}

function show(value: unknown): string {
  return Deno.inspect(value, { depth: 4 });
}
