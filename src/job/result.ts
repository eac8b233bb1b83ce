/**
 * What is stored in place of a result that cannot be kept. The job is complete
 * all the same: to run it again would do its work twice.
 *
 * @module
 */

const MARK = "result_unavailable";

/** Stands for a result that cannot be kept. */
export interface ResultUnavailable {
  /** Always `result_unavailable`. */
  readonly "~gqm": typeof MARK;
  /** Why, such as "it has 2000000 bytes of JSON, above 1048576". */
  readonly reason: string;
}

/** Makes the marker. */
export function resultUnavailable(reason: string): ResultUnavailable {
  return { "~gqm": MARK, reason };
}

/** Tells whether a stored result is such a marker. */
export function isResultUnavailable(result: unknown): result is ResultUnavailable {
  return typeof result === "object" && result !== null &&
    (result as Partial<ResultUnavailable>)["~gqm"] === MARK;
}
