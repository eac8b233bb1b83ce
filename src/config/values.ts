/**
 * Small changes on the way from a file's values to options of code.
 *
 * @module
 */

import { camelCase } from "./place.ts";

/** Seconds as milliseconds. */
export function msOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Of some keys 0 stands for the default. */
export function unlessZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

/** Leaves out what is undefined. */
export function withoutUnset<T extends object>(values: T): T {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as T;
}

/** Names keys as options of code are named, all the way down; names of headers stay. */
export function camelKeys(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map((
      [key, one],
    ) => [camelCase(key), key === "headers" ? one : camel(one)]),
  );
}

function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  return typeof value === "object" && value !== null ? camelKeys(value) : value;
}
