/**
 * From the options of alerts to what watches them.
 *
 * @module
 */

import { Deliveries, type DeliveriesOptions } from "./deliveries.ts";
import { type AlertsOptions, planAlerts } from "./options.ts";
import { AlertWatch, type WatchOptions } from "./watch.ts";

/** What alerts work with. */
export type AlertParts =
  & Pick<WatchOptions, "store" | "clock" | "logger" | "publish">
  & Pick<DeliveriesOptions, "writer">;

/**
 * Makes what watches alerts; undefined where there are none.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
 */
export function createAlerts(
  options: AlertsOptions | boolean | undefined,
  parts: AlertParts,
): AlertWatch | undefined {
  const plan = planAlerts(options);
  if (plan === undefined) return undefined;
  return new AlertWatch({ ...plan, ...parts, deliveries: new Deliveries({ ...plan, ...parts }) });
}
