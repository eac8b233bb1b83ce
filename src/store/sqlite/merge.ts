/**
 * Jobs of several lanes in one order: a statement that merges one index range
 * per lane. SQLite runs it lazily, so it reads as many entries as it returns,
 * and one more per lane.
 *
 * @module
 */

import type { SqlValue } from "../../runtime/sqlite_driver.ts";
import { type Database, LIMIT } from "./database.ts";

/** One order over the jobs of several lanes. */
export interface MergeOrder<Row> {
  /** SELECT of one lane with a single parameter, the lane, unless `values` has more. */
  readonly range: string;
  /** Order of the range, and of the whole. */
  readonly orderBy: string;
  /** The same order, for rows of several statements. */
  readonly compare: (a: Row, b: Row) => number;
}

/** Most lanes of one statement: SQLite merges at most 500, and plans many slowly. */
const LANES_PER_STATEMENT = 50;

const statements = new Map<string, string>();

/**
 * Reads the first rows of several lanes.
 *
 * @param lanes Which lanes.
 * @param values What each range's parameters after the lane are set to.
 * @param limit Most rows to return.
 */
export function mergeLanes<Row>(
  db: Database,
  order: MergeOrder<Row>,
  lanes: readonly number[],
  values: readonly SqlValue[],
  limit: number,
): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < lanes.length; at += LANES_PER_STATEMENT) {
    const some = lanes.slice(at, at + LANES_PER_STATEMENT);
    const parameters = values.length === 0 ? some : some.flatMap((lane) => [lane, ...values]);
    rows.push(...db.all<Row>(mergeStatement(order, some.length), ...parameters, limit));
  }
  if (lanes.length <= LANES_PER_STATEMENT) return rows;
  return rows.sort(order.compare).slice(0, limit);
}

/** The statement for a number of lanes. */
export function mergeStatement(order: MergeOrder<never>, lanes: number): string {
  const key = `${lanes} ${order.range}`;
  let sql = statements.get(key);
  if (sql === undefined) {
    const ranges = Array.from({ length: lanes }, () => order.range).join("\nUNION ALL\n");
    sql = `${ranges}\nORDER BY ${order.orderBy} ${LIMIT}`;
    statements.set(key, sql);
  }
  return sql;
}
