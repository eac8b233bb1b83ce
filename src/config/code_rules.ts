/**
 * The rules that options of code have, applied to what a file says: what is loaded starts.
 *
 * @module
 */

import { limitRule } from "../control/limits.ts";
import { Preparer } from "../enqueue/prepare.ts";
import { GqmError, InvalidOptionError } from "../errors.ts";
import { planAlerts } from "../monitor/alerts/options.ts";
import { checkAuth } from "../monitor/auth/check.ts";
import { checkDashboardOptions } from "../monitor/dashboard/options.ts";
import { checkMonitorOptions } from "../monitor/options.ts";
import { Redactor } from "../monitor/redact.ts";
import type { ApiOptions } from "../run/open_api.ts";
import { checkPoolOptions } from "../run/pool_plan.ts";
import { checkServerOptions } from "../run/server_options.ts";
import { type AnySchedule, checkSchedule } from "../schedule/options.ts";
import { storeFromUrl } from "../store/open.ts";
import { resolveRetention } from "../store/retention.ts";
import { toLimit, toPool, toSchedule, toServer } from "./convert.ts";
import { type Place, placeOf, snakeCase } from "./place.ts";
import { HIDDEN, type Review } from "./review.ts";
import { type FileValue, table } from "./table/table.ts";

/** Applies them. What was told already is not told again. */
export function checkByCode(file: FileValue, review: Review): void {
  const check = (run: () => void, place: (option: Place) => Place): void => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof GqmError)) throw error;
      const option = error instanceof InvalidOptionError ? error.option : "";
      tell(review, place(placeOf(option)), error.message);
    }
  };
  const { pools = [], limits = [], scheduler } = file;
  const { api, dashboard, store, retention, ...server } = toServer(file);
  if (typeof store === "string") {
    check(() => void storeFromUrl(store), () => [file.store === undefined ? "redis" : "store"]);
  }
  check(() => void resolveRetention(retention), (option) => file.retention ? option : ["app"]);
  check(() => checkServerOptions(server), () => ["app"]);
  for (const [i, pool] of pools.entries()) {
    const place = (
      [option = "", ...rest]: Place,
    ): Place => ["pools", i, ...POOL[option] ?? [option], ...rest];
    check(() => checkPoolOptions(toPool(pool, new Map())), place);
  }
  for (const [i, limit] of limits.entries()) {
    const { target, limits } = toLimit(limit);
    const place = (option: Place): Place => ["limits", i, ...option];
    check(() => void limitRule(target, limits), place);
  }
  const preparer = new Preparer(undefined, () => "1");
  for (const [i, entry] of (scheduler?.cron_entries ?? []).entries()) {
    const place = ([option = ""]: Place): Place => {
      const key = ENTRY[option];
      return ["scheduler", "cron_entries", i, ...key === undefined ? [] : [key]];
    };
    const schedule = toSchedule(entry) as AnySchedule;
    check(() => void checkSchedule(entry.id ?? "a", schedule, "UTC", preparer), place);
  }
  if (api !== undefined) {
    checkMonitor(api, check, () => review.isWrong(["monitoring"]));
    if (typeof dashboard === "object") {
      check(() => void checkDashboardOptions(dashboard), inMonitoring);
    }
  }
}

type Check = (run: () => void, place: (option: Place) => Place) => void;

/** Each list element by element first, so that each is told what is wrong with it. */
function checkMonitor(
  { addr: _addr, tls: _tls, ...options }: ApiOptions,
  check: Check,
  isWrong: () => boolean,
): void {
  const { auth, redact = [], alerts } = options;
  if (auth !== "none") {
    const { users = [], apiKeys = [] } = auth;
    users.forEach((user, i) => check(() => checkAuth({ users: [user] }), numbered(i)));
    apiKeys.forEach((key, i) => check(() => checkAuth({ apiKeys: [key] }), numbered(i)));
    if (!isWrong()) check(() => checkAuth(auth), inMonitoring);
  }
  redact.forEach((rule, i) => check(() => void new Redactor([rule]), numbered(i)));
  check(() => void new Redactor(redact), inMonitoring);
  if (typeof alerts === "object") {
    const { rules = [], webhooks = [] } = alerts;
    rules.forEach((rule, i) => check(() => void planAlerts({ rules: [rule] }), numbered(i)));
    webhooks.forEach((one, i) => check(() => void planAlerts({ webhooks: [one] }), numbered(i)));
    check(() => void planAlerts(alerts), inMonitoring);
  }
  check(() => checkMonitorOptions(options), inMonitoring);
}

/** Where the options of a pool stand in a file, if elsewhere than under their own names. */
const POOL: Readonly<Record<string, Place>> = {
  types: ["job_types"],
  strategy: ["dequeue_strategy"],
  timeout_ms: ["job_timeout"],
  grace_ms: ["grace_period"],
  max_retry: ["retry", "max_retry"],
  backoff: ["retry"],
};

/** Where those of a schedule stand. */
const ENTRY: Readonly<Record<string, string>> = {
  id: "id",
  type: "job_type",
  payload: "payload",
  cron: "cron_expr",
  expression: "cron_expr",
  time_zone: "timezone",
  queue: "queue",
  timeout_ms: "timeout",
  max_retry: "max_retry",
};

/** Where an option of the monitor stands in a file. */
function inMonitoring([section = "", ...rest]: Place): Place {
  const [key] = rest;
  if (section === "auth" && (key === "api_keys" || key === "cookie_secure")) {
    return ["monitoring", "api", ...rest];
  }
  const { api, ...sections } = table.keys.monitoring.keys;
  if (Object.hasOwn(sections, section)) return ["monitoring", section, ...rest];
  return Object.hasOwn(api.keys, section)
    ? ["monitoring", "api", section, ...rest]
    : ["monitoring"];
}

/** The same, of the one element that was checked. */
function numbered(i: number): (option: Place) => Place {
  return (option) => {
    const at = option.findIndex((part) => typeof part === "number");
    return inMonitoring(option.map((part, j) => j === at ? i : part));
  };
}

/** Tells what an error says: "Cannot do it as 'option' must rule: current value is value". */
function tell(review: Review, place: Place, message: string): void {
  if (review.isWrong(place)) return;
  const [, rule, value] = / must (.*?)(?:: current value is (.*))?$/s.exec(message) ?? [];
  if (rule === undefined) return review.report(place, `be valid: ${message}`);
  // Options have other names in code.
  const named = rule.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, snakeCase);
  const shown = value === `'${HIDDEN}'` ? HIDDEN : value;
  review.report(place, named, shown === undefined || shown === "undefined" ? {} : { shown });
}
