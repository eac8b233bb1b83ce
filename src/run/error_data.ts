/**
 * Errors on their way between threads: as plain data, from which the other side
 * makes an error of the same class again, if it is one of ours or of the language.
 *
 * @module
 */

import * as enqueueErrors from "../enqueue/errors.ts";
import { JobFailedError, JobGoneError, ResultUnavailableError } from "../enqueue/handle.ts";
import { InvalidOptionError } from "../errors.ts";
import { Cancel, RetryAfter, SkipRetry } from "../settle/outcome.ts";
import * as storeErrors from "../store/errors.ts";
import * as runErrors from "./errors.ts";

/** Whatever was thrown, as plain data. */
export type ErrorData =
  | {
    readonly kind: "error";
    /** Name of the class that it becomes; "Error" if its own is not known here. */
    readonly class: string;
    readonly name: string;
    readonly message: string;
    readonly stack: string | undefined;
    /** Its own properties, as JSON. */
    readonly own: string;
    readonly cause: ErrorData | undefined;
  }
  /** No error at all. `text`: as JSON, or undefined for `undefined`. */
  | { readonly kind: "value"; readonly text: string | undefined };

/** Most errors of a chain of causes. */
const MAX_CAUSES = 20;
/** Longest text of a message, a stack, or own properties, in characters. */
const MAX_TEXT = 4 * 2 ** 20;

/** Classes of the language, the most special ones first. */
const NATIVE = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

const OURS: ReadonlyMap<string, object> = new Map(
  [
    ...[SkipRetry, RetryAfter, Cancel, InvalidOptionError],
    ...[JobFailedError, JobGoneError, ResultUnavailableError],
    ...[enqueueErrors, runErrors, storeErrors].flatMap((module) => Object.values(module)),
  ]
    .filter((value): value is ErrorConstructor => isErrorClass(value))
    .map((made): [string, object] => [made.name, made.prototype]),
);

function isErrorClass(value: unknown): boolean {
  return typeof value === "function" && value.prototype instanceof Error;
}

/** Writes whatever was thrown as plain data. Never throws. */
export function errorData(thrown: unknown, depth: number = 0): ErrorData {
  try {
    if (!(thrown instanceof Error)) return { kind: "value", text: JSON.stringify(thrown) };
    const { cause } = thrown;
    return {
      kind: "error",
      class: classOf(thrown),
      name: String(thrown.name),
      message: String(thrown.message).slice(0, MAX_TEXT),
      stack: thrown.stack === undefined ? undefined : String(thrown.stack).slice(0, MAX_TEXT),
      own: ownOf(thrown),
      cause: cause === undefined || depth + 1 === MAX_CAUSES
        ? undefined
        : errorData(cause, depth + 1),
    };
  } catch {
    // A getter that throws, a revoked proxy, a cycle, a bigint.
    return { kind: "value", text: JSON.stringify(nameOfUnreadable(thrown)) };
  }
}

function nameOfUnreadable(thrown: unknown): string {
  return typeof thrown === "bigint" ? `${thrown}n` : "Something that cannot be read was thrown";
}

/**
 * The nearest class that the other side knows. Ours are told by name and code:
 * what a handler imports may be another copy of this package.
 */
function classOf(error: Error): string {
  const { code } = error as { code?: unknown };
  let prototype: unknown = Object.getPrototypeOf(error);
  for (let i = 0; i < MAX_CAUSES && prototype !== null; i++) {
    const name = String((prototype as Error).constructor.name);
    if (OURS.has(name) && code === codeOf(name)) return name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return NATIVE.find((native) => error instanceof native)?.name ?? "Error";
}

/** `JobTimeoutError` has the code `JOB_TIMEOUT`; so it is with all of ours. */
function codeOf(name: string): string {
  return name.replace(/Error$/, "").replace(/(?<=.)[A-Z]/g, "_$&").toUpperCase();
}

function ownOf(error: Error): string {
  const { message: _message, stack: _stack, cause: _cause, ...own } = error;
  try {
    const text = JSON.stringify(own);
    return text.length > MAX_TEXT ? "{}" : text;
  } catch {
    return "{}";
  }
}

/** Makes what was thrown again. */
export function errorFrom(data: ErrorData): unknown {
  if (data.kind === "value") return data.text === undefined ? undefined : JSON.parse(data.text);
  const native = NATIVE.find(({ name }) => name === data.class);
  const cause = data.cause && { cause: errorFrom(data.cause) };
  const error = new (native ?? Error)(data.message, cause);
  const ours = OURS.get(data.class);
  if (ours !== undefined) Object.setPrototypeOf(error, ours);
  Object.assign(error, JSON.parse(data.own));
  if (error.name !== data.name) define(error, "name", data.name);
  define(error, "stack", data.stack);
  return error;
}

function define(error: Error, key: "name" | "stack", value: string | undefined): void {
  Object.defineProperty(error, key, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}
