/**
 * Limits: how many jobs run at once, and how fast they start. They hold over all queues, so they are
 * for those who see all.
 *
 * @module
 */

import type { LimitedBy, LimitOptions } from "../../control/limits.ts";
import { MAX_TYPE_LENGTH } from "../../job/names.ts";
import type { LimitRow, LimitTarget } from "../../store/limit_stage.ts";
import { type Answer, cursorPage, done } from "../answer.ts";
import { needAllQueues } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { notFound } from "../errors.ts";
import { pageAfter } from "../page_after.ts";
import { cursorRule, limitKeyParam, limitRule, typeParam, typeRule } from "../params.ts";
import type { Route } from "../route.ts";
import {
  cursorPaged,
  described,
  integer,
  named,
  nullable,
  object,
  type Schema,
  text,
  yes,
} from "../schema.ts";

const MOST = 100_000;
const LONGEST_MS = 31 * 86_400_000;

const many: Schema = { ...integer, minimum: 1, maximum: MOST };

const rules: Readonly<Record<string, Schema>> = {
  "concurrency?": described(many, "Most jobs that run at once, on all servers"),
  "rate?": object({
    count: described(many, "How many start in `per_ms`, spread over it"),
    per_ms: { ...integer, minimum: 1, maximum: LONGEST_MS },
    "burst?": described(many, "How many may start at once; `count` if it is absent"),
  }),
};

/** The limits that somebody sets. */
const rulesSchema: Schema = { ...object(rules), examples: [{ concurrency: 10 }] };

const target: Readonly<Record<string, Schema>> = {
  "type?": { ...text, minLength: 1, maxLength: MAX_TYPE_LENGTH },
  "per_key?": described(yes, "It holds for the jobs of the type with each key by themselves"),
  "key?": described(text, "It holds for all jobs with this `limit_key`, whatever their type"),
};

const limitSchema: Schema = named(
  "Limit",
  object({
    ...target,
    ...rules,
    running: described(
      nullable(integer),
      "Jobs that count now; null where each key counts by itself",
    ),
    tokens: described(
      nullable(integer),
      "How many may start at once now; null without a rate, and where each key has its own",
    ),
  }),
);

const setSchema: Schema = object({ ok: yes, ...target });

/** What a path names, and what it is called in words. */
interface Place {
  readonly path: string;
  readonly words: string;
  readonly params: Route["params"];
  readonly targetOf: (params: Call["params"]) => LimitTarget;
}

const places: readonly Place[] = [
  {
    path: "/api/v1/limits/types/{type}",
    words: "all jobs of a type",
    params: { type: typeParam },
    targetOf: ({ type }) => ({ type: type! }),
  },
  {
    path: "/api/v1/limits/types/{type}/per-key",
    words: "the jobs of a type with each key by themselves",
    params: { type: typeParam },
    targetOf: ({ type }) => ({ type: type!, perKey: true }),
  },
  {
    path: "/api/v1/limits/keys/{key}",
    words: "all jobs with a key",
    params: { key: limitKeyParam },
    targetOf: ({ key }) => ({ key: key! }),
  },
];

/** Limits. */
export const limitRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/limits",
    access: "viewer",
    summary: "Limits, with how much of them is used now",
    description: "For those who see all queues.",
    query: {
      limit: limitRule,
      cursor: cursorRule,
      type: typeRule,
      key: { description: "Only of this key", schema: limitKeyParam.schema },
    },
    answer: { body: cursorPaged(limitSchema) },
    handle: listLimits,
  },
  ...places.flatMap(({ path, words, params, targetOf }): readonly Route[] => [
    {
      method: "PUT",
      path,
      access: "admin",
      summary: `Limits ${words}, in the place of what limited them before`,
      description: "At least one of `concurrency` and `rate` is given. What runs goes on and " +
        "counts; the next start follows the new limit. For those who see all queues.",
      params,
      body: rulesSchema,
      answer: { body: setSchema },
      change: "limit.set",
      handle: (call): Promise<Answer> => setLimit(call, targetOf(call.params)),
    },
    {
      method: "DELETE",
      path,
      access: "admin",
      summary: `Removes the limit of ${words}`,
      description: "For those who see all queues.",
      params,
      answer: { status: 204 },
      errors: ["NOT_FOUND"],
      change: "limit.remove",
      handle: (call): Promise<Answer> => removeLimit(call, targetOf(call.params)),
    },
  ]),
];

async function listLimits({ who, query, desk }: Call): Promise<Answer> {
  needAllQueues(who);
  const limit = query.number("limit", limitRule);
  const [type, key] = [query.type(), query.get("key")];
  const rows = (await desk.limits.list()).map(limitOnWire).filter((row) => {
    return (type === undefined || row.type === type) && (key === undefined || row.key === key);
  });
  const keyOf = ({ type, key, per_key }: WireTarget): string =>
    JSON.stringify([type, key, per_key]);
  const { items, cursor } = pageAfter(rows, keyOf, { limit, cursor: query.get("cursor") });
  return cursorPage(items, { limit, cursor });
}

async function setLimit(call: Call, target: LimitTarget): Promise<Answer> {
  needAllQueues(call.who);
  const { concurrency, rate } = await call.body(rulesSchema) as {
    readonly concurrency?: number;
    readonly rate?: { readonly count: number; readonly per_ms: number; readonly burst?: number };
  };
  const limits: LimitOptions = {
    concurrency,
    rate: rate && { count: rate.count, perMs: rate.per_ms, burst: rate.burst },
  };
  await call.desk.limits.set(target as LimitedBy, limits);
  const told = targetOnWire(target);
  return { ...done({ ...told }), detail: { ...told, concurrency, rate } };
}

async function removeLimit({ who, desk }: Call, target: LimitTarget): Promise<Answer> {
  needAllQueues(who);
  if (!await desk.limits.remove(target as LimitedBy)) throw notFound("limit");
  return { status: 204, detail: { ...targetOnWire(target) } };
}

interface WireTarget {
  readonly type?: string;
  readonly per_key?: true;
  readonly key?: string;
}

function targetOnWire(target: LimitTarget): WireTarget {
  if ("key" in target) return { key: target.key };
  return target.perKey ? { type: target.type, per_key: true } : { type: target.type };
}

function limitOnWire({ target, limits, running, tokens }: LimitRow): WireTarget {
  const { concurrency, rate } = limits;
  const told = rate && { count: rate.count, per_ms: rate.perMs, burst: rate.burst };
  return { ...targetOnWire(target), ...{ concurrency, rate: told, running, tokens } };
}
