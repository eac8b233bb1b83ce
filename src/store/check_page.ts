/**
 * The rules for a query of a page, which all stores share.
 *
 * @module
 */

import { checkInteger, checkKeys, checkOneOf } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { statuses } from "../job/state.ts";
import type { PageQuery, PartQuery } from "./page_stage.ts";

const ACTION = "read page";
const KNOWN: readonly string[] = ["queues", "type", "offset", "limit", "order"];
/** Most jobs of one page. */
const LARGEST_PAGE = 500;
/** Most queues that a query names. */
const MOST_QUEUES = 10_000;

/**
 * Checks which page of a status is asked for.
 *
 * @throws {InvalidOptionError} If a part of it is unknown or out of range.
 */
export function checkPageQuery(query: PageQuery): void {
  checkPart(query, ["status", ...KNOWN]);
  checkOneOf(ACTION, "status", query.status, statuses);
}

/**
 * Checks which page of the jobs with children is asked for.
 *
 * @throws {InvalidOptionError} If a part of it is unknown or out of range.
 */
export function checkParentsQuery(query: PartQuery): void {
  checkPart(query, KNOWN);
}

function checkPart(query: PartQuery, known: readonly string[]): void {
  checkKeys(ACTION, query, known);
  const { queues, type, offset, limit, order } = query;
  checkInteger(ACTION, "offset", offset, 0);
  checkInteger(ACTION, "limit", limit, 1, LARGEST_PAGE);
  if (order !== undefined) checkOneOf(ACTION, "order", order, ["newest", "oldest"]);
  if (type !== undefined && typeof type !== "string") {
    throw new InvalidOptionError(ACTION, "type", "be a string", type);
  }
  const areNames = queues === undefined || Array.isArray(queues) &&
      queues.length <= MOST_QUEUES && queues.every((queue) => typeof queue === "string");
  if (areNames) return;
  const rule = `be a list of at most ${MOST_QUEUES} names`;
  throw new InvalidOptionError(ACTION, "queues", rule, queues);
}

/** Whether jobs of a queue and type are asked for. */
export function isAsked(
  { queues, type }: Pick<PartQuery, "queues" | "type">,
  pair: { readonly queue: string; readonly type: string },
): boolean {
  return (type ?? pair.type) === pair.type && (queues?.includes(pair.queue) ?? true);
}
