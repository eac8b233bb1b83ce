/**
 * Options of alerts, their rules and defaults.
 *
 * @module
 */

import { checkInteger, checkKeys } from "../../checks.ts";
import { InvalidOptionError } from "../../errors.ts";
import { checkAlertRules } from "./check_rules.ts";
import { type AlertRule, defaultAlertRules, type Rule, toRule } from "./rules.ts";
import { type Target, toTargets, type WebhookOptions } from "./webhook_options.ts";

/** When somebody is to be told that something is wrong, and where. */
export interface AlertsOptions {
  /** What is to be told. @default {`defaultAlertRules`: one of each kind, for all queues} */
  readonly rules?: readonly AlertRule[];
  /** Where alerts are sent. @default {nowhere: they are shown} */
  readonly webhooks?: readonly WebhookOptions[];
  /** Milliseconds between two looks, 50 to 20 000. @default {15_000} */
  readonly everyMs?: number;
  /**
   * Deliveries that end with their holder's death before a job is dead-lettered, as your servers
   * have it: who sends webhooks keeps the store in order meanwhile, as they do.
   * @default {5}
   */
  readonly maxDeliveries?: number;
}

/** Alerts with all that they do not say. */
export interface AlertsPlan {
  readonly rules: readonly Rule[];
  readonly targets: readonly Target[];
  readonly everyMs: number;
  readonly maxDeliveries: number;
}

const ACTION = "create monitor";
const OPTION = "alerts";
const DEFAULT_EVERY_MS = 15_000;
/** A server that dies is listed for 45 s after the end of its leases: it is to be seen twice. */
const MOST_EVERY_MS = 20_000;
const LEAST_EVERY_MS = 50;

/**
 * Checks the options of alerts, and fills in what they do not say; undefined where there are none.
 *
 * @throws {InvalidOptionError} If one is unknown or breaks its rule.
 */
export function planAlerts(options: AlertsOptions | boolean | undefined): AlertsPlan | undefined {
  if (options === undefined || options === false) return undefined;
  const given = options === true ? {} : options;
  if (typeof given !== "object" || given === null) {
    throw new InvalidOptionError(ACTION, OPTION, "be true, false or an object", given);
  }
  checkNames(given);
  const { rules = defaultAlertRules, webhooks = [], everyMs = DEFAULT_EVERY_MS } = given;
  const { maxDeliveries = 5 } = given;
  checkAlertRules(`${OPTION}.rules`, rules);
  checkInteger(ACTION, `${OPTION}.everyMs`, everyMs, LEAST_EVERY_MS, MOST_EVERY_MS);
  checkInteger(ACTION, `${OPTION}.maxDeliveries`, maxDeliveries, 1);
  const targets = toTargets(`${OPTION}.webhooks`, webhooks);
  return { rules: rules.map(toRule), targets, everyMs, maxDeliveries };
}

/** Checks the names alone: the value of one that is misspelt may be a secret. */
function checkNames(given: AlertsOptions): void {
  const names = Object.fromEntries(Object.keys(given).map((key) => [key, "[not shown]"]));
  checkKeys(ACTION, names, ["rules", "webhooks", "everyMs", "maxDeliveries"], OPTION);
}
