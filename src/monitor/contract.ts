/**
 * What a route may answer, beside what its own code says: the documents and the tests go by it.
 *
 * @module
 */

import { type ErrorCode, statusOf } from "./errors.ts";
import type { Route } from "./route.ts";
import { nameOf, type Schema } from "./schema.ts";

/** The codes with which a route may refuse, its own and those of every route of its kind. */
export function errorsOf(route: Route): readonly ErrorCode[] {
  const isChange = route.method !== "GET";
  const codes = new Set<ErrorCode>([
    "BAD_REQUEST",
    ...(route.access === "open" ? [] : ["UNAUTHORIZED"] as const),
    "FORBIDDEN",
    ...(isChange && route.access !== "open" ? ["CSRF_REQUIRED"] as const : []),
    ...(route.body === undefined
      ? []
      : ["TIMEOUT", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const),
    ...route.errors ?? [],
    ...(route.isUnlimited ? [] : ["RATE_LIMITED"] as const),
    "INTERNAL",
  ]);
  return [...codes].sort((a, b) => statusOf[a] - statusOf[b]);
}

/** The statuses of a route's answers that are no errors. */
export function statusesOf({ answer }: Route): readonly number[] {
  return [answer.status ?? 200, ...answer.otherStatuses ?? []];
}

/** What a route is about: the first word of its path after the version. */
export function topicOf({ path }: Route): string {
  return /^\/(?:api\/v1\/)?([^/.]+)/.exec(path)?.[1] ?? "other";
}

/** The schemas of bodies that have names, and of what is in them, by name. */
export function namedSchemas(routes: readonly Route[]): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const name = nameOf(value as Schema);
    if (name !== undefined) {
      if ((found.get(name) ?? value) !== value) {
        throw new TypeError(`Cannot tell schemas apart as two are named '${name}'`);
      }
      found.set(name, value as Schema);
    }
    for (const part of Object.values(value)) look(part);
  };
  for (const { body, answer } of routes) [body, answer.body, answer.events].forEach(look);
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}
