/**
 * Errors as text, cut to what a store should keep.
 *
 * @module
 */

import type { Failure } from "../job/job.ts";
import { fingerprint } from "./fingerprint.ts";

/** Longest message kept, in characters. */
export const MAX_MESSAGE_LENGTH = 2000;
/** Longest stack kept, in characters. */
export const MAX_STACK_LENGTH = 4000;

/** Causes of an error whose stacks are kept. */
const MAX_CAUSES = 5;

/**
 * Writes whatever was thrown as a failure, with its fingerprint. Never throws: errors of careless
 * libraries have getters that do, and names that are no strings.
 */
export function failureOf(error: unknown, prefix: string = ""): Failure {
  const failure = textOfError(error, prefix);
  return { ...failure, fingerprint: fingerprint(failure) };
}

function textOfError(error: unknown, prefix: string): Failure {
  if (!isError(error)) return { message: cut(prefix + textOf(error), MAX_MESSAGE_LENGTH) };
  const name = read(error, "name") || "Error";
  const stack = stackOf(error);
  return {
    message: cut(prefix + (read(error, "message") || name), MAX_MESSAGE_LENGTH),
    name: cut(name, 100),
    ...(stack === undefined ? undefined : { stack: cut(stack, MAX_STACK_LENGTH) }),
  };
}

/** `instanceof` throws for a revoked proxy. */
function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** A property as text; empty if it is not there or cannot be read. */
function read(error: Error, key: "name" | "message" | "stack"): string {
  try {
    const value: unknown = error[key];
    return value === undefined ? "" : String(value);
  } catch {
    return "";
  }
}

function textOf(thrown: unknown): string {
  if (typeof thrown !== "object") return String(thrown);
  return attempt(() => JSON.stringify(thrown)) ??
    attempt(() => Object.prototype.toString.call(thrown)) ??
    "Something that cannot be read was thrown";
}

/** What a function gives; undefined if it throws. */
function attempt(write: () => string): string | undefined {
  try {
    return write();
  } catch {
    return undefined;
  }
}

/** The frames of an error, then those of its causes. */
function stackOf(error: Error): string | undefined {
  const parts: string[] = [];
  let at: unknown = error;
  for (let i = 0; i < MAX_CAUSES && isError(at); i++) {
    const frames = read(at, "stack").split("\n").filter((line) => /^\s+at /.test(line)).join("\n");
    parts.push(
      i === 0 ? frames : `Caused by ${read(at, "name")}: ${read(at, "message")}\n${frames}`,
    );
    at = causeOf(at);
  }
  return parts.join("\n") || undefined;
}

function causeOf(error: Error): unknown {
  try {
    return error.cause;
  } catch {
    return undefined;
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
