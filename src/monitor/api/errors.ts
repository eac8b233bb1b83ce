/**
 * Failures, grouped by what they have in common.
 *
 * @module
 */

import { placeOf } from "../../settle/fingerprint.ts";
import type { ErrorGroup } from "../../store/store.ts";
import { type Answer, cursorPage, data } from "../answer.ts";
import { needAllQueues } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { badRequest, notFound } from "../errors.ts";
import { cursorRule, fingerprintParam, limitRule, typeRule } from "../params.ts";
import { REDACTED } from "../redact.ts";
import type { Route } from "../route.ts";
import {
  cursorPaged,
  described,
  enveloped,
  integer,
  list,
  named,
  nullable,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";

/** Groups that are read at once where all are read; a store keeps 1000. */
const READ_AT_ONCE = 500;
/** What such a cursor looks like: count and fingerprint of a group. */
const COUNT_CURSOR = /^(\d{1,16}):([0-9a-f]{16})$/;

const errorSchema: Schema = named(
  "ErrorGroup",
  object({
    fingerprint: described(text, "What the failures have in common"),
    name: described(nullable(text), "Name of the newest error"),
    message: described(text, "Message of the newest one, at most 500 characters"),
    type: described(text, "Type of the job that failed last"),
    queue: described(nullable(text), "Queue of that job; null if it is gone"),
    place: described(
      nullable(text),
      "Where in the code that was: a line of the stack; null if that is not kept",
    ),
    count: described(integer, "How many attempts failed so"),
    first_at_ms: integer,
    last_at_ms: integer,
    job_ids: described(list(text), "The newest jobs that failed so, at most 20; they may be gone"),
  }),
);

const description = "For those who see all queues: others find the jobs of their queues by " +
  "`GET /api/v1/search?fingerprint=`.";

/** Failures. */
export const errorRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/errors",
    access: "viewer",
    summary: "Failures, grouped by name, message without numbers and ids, and place in the code",
    description,
    query: {
      type: typeRule,
      order: {
        description: "Which groups come first: those that failed last, or most often",
        schema: { ...oneOf("newest", "frequent"), default: "newest" },
      },
      limit: limitRule,
      cursor: cursorRule,
    },
    answer: { body: cursorPaged(errorSchema) },
    handle: listErrors,
  },
  {
    method: "GET",
    path: "/api/v1/errors/{fingerprint}",
    access: "viewer",
    summary: "One group of failures",
    description,
    params: { fingerprint: fingerprintParam },
    answer: { body: enveloped(errorSchema) },
    errors: ["NOT_FOUND"],
    handle: async (call): Promise<Answer> => {
      needAllQueues(call.who);
      const group = await call.desk.insight.errors.get(call.params.fingerprint!);
      if (group === null) throw notFound("error");
      return data((await showGroups(call, [group]))[0]);
    },
  },
];

async function listErrors(call: Call): Promise<Answer> {
  needAllQueues(call.who);
  const { query, desk } = call;
  const limit = query.number("limit", limitRule);
  const order = query.choice("order", ["newest", "frequent"], "newest");
  const part = { limit, type: query.type(), cursor: query.get("cursor") };
  const { groups, cursor } = order === "newest"
    ? await desk.insight.errors.list(part)
    : await mostFrequent(call, part);
  return cursorPage(await showGroups(call, groups), { limit, cursor });
}

interface Part {
  readonly limit: number;
  readonly type: string | undefined;
  readonly cursor: string | undefined;
}

type Place = Pick<ErrorGroup, "count" | "fingerprint">;

/** The store lists by time: all groups, which are few, are read and put in order. */
async function mostFrequent(
  { desk }: Call,
  { limit, type, cursor }: Part,
): Promise<{ groups: readonly ErrorGroup[]; cursor?: string }> {
  const after = cursor === undefined ? undefined : parseCursor(cursor);
  const all = new Map<string, ErrorGroup>();
  let next: string | undefined;
  do {
    const reply = await desk.insight.errors.list({ limit: READ_AT_ONCE, type, cursor: next });
    for (const group of reply.groups) all.set(group.fingerprint, group);
    next = reply.cursor;
  } while (next !== undefined);
  const rest = [...all.values()]
    .sort(byCount)
    .filter((group) => after === undefined || byCount(after, group) < 0);
  const groups = rest.slice(0, limit);
  const last = groups.at(-1);
  if (rest.length <= limit || last === undefined) return { groups };
  return { groups, cursor: `${last.count}:${last.fingerprint}` };
}

function parseCursor(cursor: string): Place {
  const [, count, fingerprint] = COUNT_CURSOR.exec(cursor) ?? [];
  if (fingerprint === undefined) throw badRequest("'cursor' must come from the page before");
  return { count: Number(count), fingerprint };
}

function byCount(a: Place, b: Place): number {
  return b.count - a.count || (a.fingerprint < b.fingerprint ? -1 : 1);
}

async function showGroups(
  { desk, who }: Call,
  groups: readonly ErrorGroup[],
): Promise<readonly object[]> {
  const newest = groups.flatMap(({ jobIds }) => jobIds.slice(0, 1));
  const jobs = newest.length === 0 ? [] : await (await desk.store()).getJobs([...new Set(newest)]);
  const byId = new Map(jobs.filter((job) => job !== null).map((job) => [job.id, job]));
  return groups.map(({ fingerprint, name, message, type, count, firstAt, lastAt, jobIds }) => {
    const hides = (type: string): boolean => desk.redactor.hidesText("error", type, who.role);
    const job = byId.get(jobIds[0] ?? "");
    const { error } = job?.attempts.findLast(({ error }) => error?.fingerprint === fingerprint) ??
      {};
    return {
      fingerprint,
      name,
      message: hides(type) ? REDACTED : message,
      type,
      queue: job?.queue ?? null,
      place: job === undefined || hides(job.type) ? null : placeOf(error?.stack ?? "") ?? null,
      count,
      first_at_ms: firstAt,
      last_at_ms: lastAt,
      job_ids: jobIds,
    };
  });
}
