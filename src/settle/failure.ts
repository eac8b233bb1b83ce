/**
 * Errors as text, cut to what a store should keep.
 *
 * @module
 */

import type { Failure } from "../job/job.ts";

/** Longest message kept, in characters. */
export const MAX_MESSAGE_LENGTH = 2000;
/** Longest stack kept, in characters. */
export const MAX_STACK_LENGTH = 4000;

/** Writes whatever was thrown as a failure. */
export function failureOf(error: unknown, prefix: string = ""): Failure {
  if (!(error instanceof Error)) {
    return { message: cut(prefix + textOf(error), MAX_MESSAGE_LENGTH) };
  }
  const { name, message } = error;
  const stack = stackOf(error);
  return {
    message: cut(prefix + (message || name), MAX_MESSAGE_LENGTH),
    name: cut(name, 100),
    ...(stack === undefined ? undefined : { stack: cut(stack, MAX_STACK_LENGTH) }),
  };
}

function textOf(thrown: unknown): string {
  try {
    return typeof thrown === "object" ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}

/** The frames of an error, then those of its causes. */
function stackOf(error: Error): string | undefined {
  const parts: string[] = [];
  let at: unknown = error;
  for (let i = 0; i < 5 && at instanceof Error; i++) {
    const frames = at.stack?.split("\n").filter((line) => /^\s+at /.test(line)).join("\n") ?? "";
    parts.push(i === 0 ? frames : `Caused by ${at.name}: ${at.message}\n${frames}`);
    at = at.cause;
  }
  return parts.join("\n") || undefined;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
