/**
 * How often a pool asks each of its queues first.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { PoolOptions } from "./pool_plan.ts";

const MOST = 1_000_000;

/**
 * Checks the weights of a pool.
 *
 * @throws {InvalidOptionError} If there are none to choose by, or one is of no queue or out of range.
 */
export function checkWeights(action: string, { weights, queues, strategy }: PoolOptions): void {
  if (weights === undefined) return;
  if (queues === undefined || (strategy !== undefined && strategy !== "weighted")) {
    const rule = "go with 'queues' and the strategy 'weighted'";
    throw new InvalidOptionError(action, "weights", rule, weights);
  }
  checkKeys(action, weights, queues, "weights");
  for (const [queue, weight] of Object.entries(weights)) {
    checkInteger(action, `weights.${queue}`, weight, 1, MOST);
  }
}

/** The weight of each queue. */
export function weightsOf(
  queues: readonly string[],
  weights: Readonly<Record<string, number>>,
): number[] {
  return queues.map((queue) => Object.hasOwn(weights, queue) ? weights[queue]! : 1);
}
