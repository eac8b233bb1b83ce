/**
 * The rules for a list query, which all stores share.
 *
 * @module
 */

import { checkInteger, checkKeys, checkOneOf } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { statuses } from "../job/state.ts";
import type { ListQuery } from "./inspect_stage.ts";

const ACTION = "list jobs";
const KNOWN: readonly string[] = ["status", "queue", "type", "fromAt", "toAt", "limit", "cursor"];
/** Most jobs of one page. */
const LARGEST_PAGE = 500;
/** Latest time that there is, in epoch milliseconds. */
const LATEST = 8.64e15;

/** A cursor that is the number of the last job's move. */
const MOVE = /^\d{1,15}$/;

/**
 * Checks a list query.
 *
 * @param cursors What the store's cursors look like. @default {the number of a move}
 * @throws {InvalidOptionError} If a part of it is unknown or out of range.
 */
export function checkListQuery(query: ListQuery, cursors: RegExp = MOVE): void {
  checkKeys(ACTION, query, KNOWN);
  checkOneOf(ACTION, "status", query.status, statuses);
  checkInteger(ACTION, "limit", query.limit, 1, LARGEST_PAGE);
  const { fromAt, toAt, cursor } = query;
  if (fromAt !== undefined) checkInteger(ACTION, "fromAt", fromAt, 0, LATEST);
  if (toAt !== undefined) checkInteger(ACTION, "toAt", toAt, 0, LATEST);
  if (cursor === undefined || (typeof cursor === "string" && cursors.test(cursor))) return;
  throw new InvalidOptionError(ACTION, "cursor", "come from the page before", cursor);
}
