/**
 * What rules must hold.
 *
 * @module
 */

import { checkInteger, checkKeys, checkNumber, checkOneOf } from "../../checks.ts";
import { InvalidOptionError } from "../../errors.ts";
import { isJobType, isQueueName, QUEUE_RULE, TYPE_RULE } from "../../job/names.ts";
import { type AlertKind, type AlertRule, PATIENCE_MS } from "./rules.ts";

const ACTION = "create monitor";
/** Most rules. */
const MOST_RULES = 50;
const NAME = /^[a-zA-Z0-9._-]{1,40}$/;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What a number may be. */
interface Bounds {
  readonly min: number;
  readonly max: number;
}

const LONG: Bounds = { min: 1, max: 30 * DAY_MS };

/** The numbers of each kind. */
const NUMBERS: Readonly<Record<AlertKind, Readonly<Record<string, Bounds>>>> = {
  queue_stalled: { forMs: LONG },
  oldest_age: { aboveMs: LONG },
  failure_rate: {
    overMs: { min: MINUTE_MS, max: HOUR_MS },
    minCount: { min: 1, max: 1_000_000_000 },
  },
  dead_server: { keepMs: { min: 1, max: DAY_MS } },
  store_degraded: { forMs: { min: 0, max: DAY_MS }, aboveMs: { min: 1, max: PATIENCE_MS } },
};

/** What else a kind may say. */
const OTHERS: Readonly<Record<AlertKind, readonly string[]>> = {
  queue_stalled: ["queue"],
  oldest_age: ["queue", "type"],
  failure_rate: ["queue", "type", "above"],
  dead_server: [],
  store_degraded: [],
};

/**
 * Checks rules.
 *
 * @throws {InvalidOptionError} If there are too many, or one is of no kind, says what its kind does
 *   not, breaks a rule or has the name of another.
 */
export function checkAlertRules(option: string, rules: readonly AlertRule[]): void {
  if (!Array.isArray(rules) || rules.length > MOST_RULES) {
    throw new InvalidOptionError(ACTION, option, `be a list of at most ${MOST_RULES}`, rules);
  }
  const names = new Set<string>();
  for (const [i, rule] of rules.entries()) {
    checkRule(`${option}[${i}]`, rule);
    const { name = rule.when } = rule;
    if (names.has(name)) {
      const must = "differ from the names of the others; without one it is what 'when' says";
      throw new InvalidOptionError(ACTION, `${option}[${i}].name`, must, name);
    }
    names.add(name);
  }
}

function checkRule(at: string, rule: AlertRule): void {
  if (typeof rule !== "object" || rule === null) {
    throw new InvalidOptionError(ACTION, at, "be an object", rule);
  }
  checkOneOf(ACTION, `${at}.when`, rule.when, Object.keys(NUMBERS));
  const numbers = NUMBERS[rule.when];
  const known = ["name", "when", "resolveMs", ...Object.keys(numbers), ...OTHERS[rule.when]];
  checkKeys(ACTION, rule, known, at);
  const values = rule as unknown as Readonly<Record<string, unknown>>;
  const { name, resolveMs, queue, type, above } = values;
  if (name !== undefined && !(typeof name === "string" && NAME.test(name))) {
    const must = "be 1 to 40 of the characters a-z A-Z 0-9 . _ -";
    throw new InvalidOptionError(ACTION, `${at}.name`, must, name);
  }
  if (resolveMs !== undefined) checkInteger(ACTION, `${at}.resolveMs`, resolveMs, 0, DAY_MS);
  if (queue !== undefined && queue !== "*" && !isQueueName(queue)) {
    throw new InvalidOptionError(ACTION, `${at}.queue`, QUEUE_RULE, queue);
  }
  if (type !== undefined && !isJobType(type)) {
    throw new InvalidOptionError(ACTION, `${at}.type`, TYPE_RULE, type);
  }
  if (above !== undefined) checkNumber(ACTION, `${at}.above`, above, 0, 1);
  for (const [key, { min, max }] of Object.entries(numbers)) {
    if (values[key] !== undefined) checkInteger(ACTION, `${at}.${key}`, values[key], min, max);
  }
}
