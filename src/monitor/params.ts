/**
 * What stands in a path and in a query: names, pages, choices.
 *
 * @module
 */

import { isJobId, isJobType, isLimitKey, isQueueName, MAX_TYPE_LENGTH } from "../job/names.ts";
import { statuses } from "../job/state.ts";
import { isFingerprint } from "../store/error_groups.ts";
import { badRequest } from "./errors.ts";
import { integer, oneOf, type Schema, text } from "./schema.ts";

/** Highest number of a page. */
const LAST_PAGE = 10_000;
/** Most items of a page. */
const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;
const NAME = /^[a-zA-Z0-9._@:-]{1,256}$/;

/** A rule for a segment of the path. */
export interface ParamRule {
  /** What it names, for people. */
  readonly description: string;
  /** Its pattern. */
  readonly schema: Schema;
  /** Whether a value keeps the rule. */
  readonly accepts: (value: string) => boolean;
}

/** The id of a job. */
export const jobIdParam: ParamRule = {
  description: "Id of the job",
  schema: { type: "string", pattern: "^[a-zA-Z0-9._-]{1,256}$" },
  accepts: isJobId,
};

/** The name of a queue. */
export const queueParam: ParamRule = {
  description: "Name of the queue",
  schema: { type: "string", pattern: "^[a-zA-Z0-9._:-]{1,128}$" },
  accepts: isQueueName,
};

/** A type of jobs. */
export const typeParam: ParamRule = {
  description: "Type of jobs",
  schema: { ...text, minLength: 1, maxLength: MAX_TYPE_LENGTH },
  accepts: isJobType,
};

/** A key by which limits count jobs. */
export const limitKeyParam: ParamRule = {
  description: "Key by which jobs are counted",
  schema: { type: "string", pattern: "^[a-zA-Z0-9._:-]{1,128}$" },
  accepts: isLimitKey,
};

/** The fingerprint of failures. */
export const fingerprintParam: ParamRule = {
  description: "Fingerprint of the failures",
  schema: { type: "string", pattern: "^[0-9a-f]{16}$" },
  accepts: isFingerprint,
};

/** The name of something else: a server, a worker, a schedule. */
export function nameParam(description: string): ParamRule {
  return {
    description,
    schema: { type: "string", pattern: "^[a-zA-Z0-9._@:-]{1,256}$" },
    accepts: (value) => NAME.test(value),
  };
}

/** A rule for a value of the query. */
export interface QueryRule {
  /** What it is for. */
  readonly description: string;
  /** What it may be, and its default. */
  readonly schema: Schema;
}

/** A whole number that is brought within bounds, and has a default where there is none. */
export interface NumberRule extends QueryRule {
  readonly min: number;
  readonly max: number;
  readonly absent: number;
}

/** Makes the rule for a number. */
export function numberRule(
  description: string,
  { min, max, absent }: Pick<NumberRule, "min" | "max" | "absent">,
): NumberRule {
  const schema = { ...integer, minimum: min, maximum: max, default: absent };
  return { description, schema, min, max, absent };
}

/** The number of a page. */
export const pageRule: NumberRule = numberRule("Number of the page", {
  ...{ min: 1, max: LAST_PAGE, absent: 1 },
});
/** How long a page is. */
export const limitRule: NumberRule = numberRule("Most items of a page", {
  ...{ min: 1, max: MAX_LIMIT, absent: DEFAULT_LIMIT },
});
/** Where a list that has no numbers of pages goes on. */
export const cursorRule: QueryRule = {
  description: "The cursor of the page before",
  schema: text,
};
/** A queue to look at alone. */
export const queueRule: QueryRule = {
  description: "Only of this queue",
  schema: queueParam.schema,
};
/** A type to look at alone. */
export const typeRule: QueryRule = { description: "Only of this type", schema: text };
/** Which status a list is of. */
export const statusRule: QueryRule = {
  description: "Status of the jobs",
  schema: { ...oneOf(...statuses), default: "ready" },
};
/** In which order a list comes. */
export const orderRule: QueryRule = {
  description: "Which end of the list comes first",
  schema: { ...oneOf("newest", "oldest"), default: "newest" },
};

/** Which part of a list is asked for. */
export interface PageQuery {
  /** From 1. */
  readonly page: number;
  /** Most items. */
  readonly limit: number;
  /** How many items stand before the page. */
  readonly offset: number;
}

/** Reads the query of a request; of a name that comes twice, the first value counts. */
export class Query {
  readonly #values: URLSearchParams;

  /** @param values What stands in the URL. */
  constructor(values: URLSearchParams) {
    this.#values = values;
  }

  /** A value; undefined if there is none or it is empty. */
  get(name: string): string | undefined {
    return this.#values.get(name) || undefined;
  }

  /** A whole number, brought within its bounds; its default if it is no whole number. */
  number(name: string, { min, max, absent }: NumberRule): number {
    const value = this.get(name);
    if (value === undefined || !/^[+-]?\d{1,18}$/.test(value)) return absent;
    return Math.min(Math.max(Number(value), min), max);
  }

  /** Page and limit. */
  page(): PageQuery {
    const page = this.number("page", pageRule);
    const limit = this.number("limit", limitRule);
    return { page, limit, offset: (page - 1) * limit };
  }

  /** One of some words; the default if it is absent. */
  choice<T extends string>(name: string, allowed: readonly T[], absent: T): T {
    const value = this.get(name);
    if (value === undefined) return absent;
    if ((allowed as readonly string[]).includes(value)) return value as T;
    throw badRequest(`'${name}' must be one of ${allowed.join(", ")}`);
  }

  /** The name of a queue; undefined if there is none. */
  queue(): string | undefined {
    const value = this.get("queue");
    if (value === undefined || isQueueName(value)) return value;
    throw badRequest("invalid queue name");
  }

  /** A type of jobs; undefined if there is none. */
  type(): string | undefined {
    const value = this.get("type");
    if (value === undefined || isJobType(value)) return value;
    throw badRequest("invalid type");
  }
}
