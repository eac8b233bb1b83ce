/**
 * Rules between keys.
 *
 * @module
 */

import { parseCron } from "../schedule/cron.ts";
import { InvalidCronError } from "../schedule/cron_error.ts";
import { nearestName } from "../nearest.ts";
import type { Place } from "./place.ts";
import type { Review } from "./review.ts";
import type { FileValue } from "./table/table.ts";

type Pool = NonNullable<FileValue["pools"]>[number];

/** The queue that is there without being declared. */
const UNDECLARED = "default";
/** Stands for all types. */
const ALL = "*";

/** Checks the rules between the keys of a file, but for those of its monitor. */
export function checkRules(file: FileValue, review: Review): void {
  checkStore(file, review);
  const { queues = [], pools = [], scheduler } = file;
  const entries = scheduler?.cron_entries ?? [];
  differ(review, queues.map(({ name }, i) => [["queues", i, "name"], name]));
  differ(review, pools.map(({ name }, i) => [["pools", i, "name"], name]));
  const declared = new Set([UNDECLARED, ...queues.map(({ name }) => name)]);
  pools.forEach((pool, i) => checkPool(pool, ["pools", i], declared, review));
  checkTypes(pools, review);
  differ(review, entries.map(({ id }, i) => [["scheduler", "cron_entries", i, "id"], id]));
  for (const [i, { queue, cron_expr: cron }] of entries.entries()) {
    if (cron !== undefined) {
      checkCron(cron, ["scheduler", "cron_entries", i, "cron_expr"], review);
    }
    if (queue === undefined || declared.has(queue)) continue;
    const place = ["scheduler", "cron_entries", i, "queue"];
    review.warn(place, `is not among the queues of this file: current value is '${queue}'`);
  }
  for (const [i, { priority }] of queues.entries()) {
    if (priority === undefined) continue;
    const words = "is of GQM (Go) 0.1.2: it counts as a weight, in pools that choose by 'weighted'";
    review.warn(["queues", i, "priority"], words);
  }
}

function checkStore({ store, redis, app, retention }: FileValue, review: Review): void {
  if (store !== undefined && redis !== undefined) {
    review.report(["store"], "not be given together with 'redis'", { isKey: true });
  }
  const twice = [
    ["completed_ms", retention?.completed_ms, "app.result_ttl", app?.result_ttl],
    ["failed_ms", retention?.failed_ms, "app.failure_ttl", app?.failure_ttl],
  ] as const;
  for (const [key, ours, other, theirs] of twice) {
    if (ours === undefined || theirs === undefined) continue;
    review.report(["retention", key], `not be given together with '${other}'`, { isKey: true });
  }
}

function checkPool(
  { queues = [], retry }: Pool,
  place: Place,
  declared: ReadonlySet<string | undefined>,
  review: Review,
): void {
  differ(review, queues.map((queue, i) => [[...place, "queues", i], queue]));
  for (const [i, queue] of queues.entries()) {
    if (queue === undefined || declared.has(queue)) continue;
    const rule = "be declared in 'queues' of the file";
    const known = [...declared].filter((name) => name !== undefined);
    const suggestion = nearestName(queue, known);
    review.report([...place, "queues", i], rule, { value: queue, suggestion });
  }
  const intervals: Place = [...place, "retry", "intervals"];
  if (review.isWrong(intervals)) return;
  const count = retry?.intervals?.length ?? 0;
  if (retry?.backoff === "custom" && count === 0) {
    const rule = "go with 'intervals' where it is 'custom'";
    review.report([...place, "retry", "backoff"], rule);
  } else if (retry?.backoff !== "custom" && count > 0) {
    review.warn(intervals, "has no effect unless 'backoff' is 'custom'");
  }
}

function checkCron(expression: string, place: Place, review: Review): void {
  try {
    parseCron(expression);
  } catch (error) {
    if (!(error instanceof InvalidCronError)) throw error;
    const { field, reason } = error;
    const rule = `be a cron expression${
      field === null ? ", which" : ` whose ${field}`
    } must ${reason}`;
    review.report(place, rule, { value: expression });
  }
}

/** Each type is of one pool, and one pool alone takes the rest. */
function checkTypes(pools: readonly Pool[], review: Review): void {
  const takers = new Map<string, number>();
  for (const [i, { job_types: types = [] }] of pools.entries()) {
    for (const [j, type] of types.entries()) {
      if (type === undefined) continue;
      const place: Place = ["pools", i, "job_types", j];
      if (type === ALL && types.length > 1) {
        review.report(place, "stand alone in its list", { value: ALL });
      }
      const taker = takers.get(type);
      if (taker === undefined) {
        takers.set(type, i);
      } else if (type !== ALL) {
        review.report(place, `be in one pool once, and is in pools[${taker}]`, { value: type });
      } else if (taker !== i) {
        review.report(place, `be in one pool alone, and is in pools[${taker}]`, { value: type });
      }
    }
  }
}

/** Values that must differ. */
export function differ(
  review: Review,
  values: readonly (readonly [Place, string | undefined])[],
): void {
  const seen = new Set<string>();
  for (const [place, value] of values) {
    if (value === undefined) continue;
    if (seen.has(value)) review.report(place, "differ from the others", { value });
    seen.add(value);
  }
}
