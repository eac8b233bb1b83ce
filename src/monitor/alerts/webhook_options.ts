/**
 * Webhooks: where alerts are sent.
 *
 * @module
 */

import { checkBackoff } from "../../check_backoff.ts";
import { checkBoolean, checkInteger, checkOneOf } from "../../checks.ts";
import { InvalidOptionError } from "../../errors.ts";
import type { BackoffPolicy } from "../../job/backoff.ts";
import { isLoopbackHost } from "../remote.ts";

/** What becomes of an alert. */
export type AlertChange = "firing" | "resolved";

/** Where alerts are sent. */
export interface WebhookOptions {
  /** `https:`, or `http:` of this machine. It is never shown, as it may hold a secret. */
  readonly url: string;
  /**
   * Its name, by which the jobs that deliver to it know it: 1 to 40 of the characters
   * `a-z A-Z 0-9 . _ -`. Give one where there are several, so that jobs that wait find theirs when the
   * list has changed.
   * @default {"webhook-1", "webhook-2", ... by its place}
   */
  readonly name?: string;
  /** Headers that are sent besides. Their values are never shown. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Signs what is sent: at least 16 characters. Without it, whoever may enqueue into the queue `gqm`
   * can have anything sent.
   * @default {no signature}
   */
  readonly secret?: string;
  /** What is sent. @default {["firing", "resolved"]} */
  readonly events?: readonly AlertChange[];
  /** Longest wait for an answer, in milliseconds. @default {10_000} */
  readonly timeoutMs?: number;
  /** Tries after the first. @default {8} */
  readonly maxRetry?: number;
  /** Delay before a further try. @default {5 s, 10 s, 20 s and so on, an hour at the most} */
  readonly backoff?: BackoffPolicy;
  /** Whether the URL may be `http:` of another machine: everyone on the way can read it. @default {false} */
  readonly allowHttp?: boolean;
}

/** A webhook with all that it does not say. */
export interface Target extends Required<Omit<WebhookOptions, "secret" | "allowHttp">> {
  /** Undefined for none. */
  readonly secret: string | undefined;
}

const BACKOFF = { type: "exponential", baseMs: 5000, maxMs: 3_600_000, jitter: 0.2 } as const;
const ACTION = "create monitor";
/** Most webhooks. */
const MOST_WEBHOOKS = 20;
const MOST_HEADERS = 20;
const MIN_SECRET_LENGTH = 16;
const MAX_TIMEOUT_MS = 60_000;
const MAX_RETRIES = 100;
const NAME = /^[a-zA-Z0-9._-]{1,40}$/;
/** Stands in errors for what may be a secret. */
const HIDDEN = "[not shown]";
const KNOWN = [
  ...["url", "name", "headers", "secret", "events"],
  ...["timeoutMs", "maxRetry", "backoff", "allowHttp"],
];
/** Headers that are ours, or the platform's. */
const OURS = /^(x-gqm-.*|content-type|content-length|host|connection|transfer-encoding)$/i;

/**
 * Checks webhooks, and fills in what they do not say.
 *
 * @throws {InvalidOptionError} If one breaks a rule. The error tells no URL, header or secret.
 */
export function toTargets(option: string, webhooks: readonly WebhookOptions[]): readonly Target[] {
  if (!Array.isArray(webhooks) || webhooks.length > MOST_WEBHOOKS) {
    throw new InvalidOptionError(ACTION, option, `be a list of at most ${MOST_WEBHOOKS}`, HIDDEN);
  }
  const targets = webhooks.map((one, i) => toTarget(`${option}[${i}]`, one, `webhook-${i + 1}`));
  for (const [i, { name }] of targets.entries()) {
    if (targets.findIndex((other) => other.name === name) === i) continue;
    const rule = "differ from the names of the others";
    throw new InvalidOptionError(ACTION, `${option}[${i}].name`, rule, name);
  }
  return targets;
}

function toTarget(at: string, webhook: WebhookOptions, place: string): Target {
  if (typeof webhook !== "object" || webhook === null) refuse(at, "be an object");
  const foreign = Object.keys(webhook).find((key) => !KNOWN.includes(key));
  if (foreign !== undefined) {
    const rule = `have no options but ${KNOWN.join(", ")}`;
    throw new InvalidOptionError(ACTION, at, rule, foreign);
  }
  const { url, name = place, headers = {}, secret, events = ["firing", "resolved"] } = webhook;
  const { timeoutMs = 10_000, maxRetry = 8, backoff = BACKOFF, allowHttp = false } = webhook;
  checkBoolean(ACTION, `${at}.allowHttp`, allowHttp);
  checkUrl(`${at}.url`, url, allowHttp);
  if (typeof name !== "string" || !NAME.test(name)) {
    const rule = "be 1 to 40 of the characters a-z A-Z 0-9 . _ -";
    throw new InvalidOptionError(ACTION, `${at}.name`, rule, name);
  }
  checkHeaders(`${at}.headers`, headers);
  if (secret !== undefined && !(typeof secret === "string" && secret.length >= MIN_SECRET_LENGTH)) {
    refuse(`${at}.secret`, `have at least ${MIN_SECRET_LENGTH} characters`);
  }
  if (!Array.isArray(events) || events.length === 0) {
    throw new InvalidOptionError(ACTION, `${at}.events`, "be a list that is not empty", events);
  }
  for (const event of events) checkOneOf(ACTION, `${at}.events`, event, ["firing", "resolved"]);
  checkInteger(ACTION, `${at}.timeoutMs`, timeoutMs, 1, MAX_TIMEOUT_MS);
  checkInteger(ACTION, `${at}.maxRetry`, maxRetry, 0, MAX_RETRIES);
  checkBackoff(ACTION, `${at}.backoff`, backoff);
  const copied = { headers: { ...headers }, events: [...events] };
  return { url, name, ...copied, secret, timeoutMs, maxRetry, backoff };
}

function checkUrl(option: string, text: unknown, allowHttp: boolean): void {
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url === null || !["https:", "http:"].includes(url.protocol)) {
    return refuse(option, "be a URL that begins with https://");
  }
  if (url.username !== "" || url.password !== "") {
    refuse(option, "hold no name and no password: send a header instead");
  }
  if (url.protocol === "https:" || allowHttp || isLoopbackHost(url.hostname)) return;
  refuse(option, "begin with https:// where it is of another machine, or be let by 'allowHttp'");
}

function checkHeaders(option: string, headers: unknown): void {
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) {
    return refuse(option, "be an object");
  }
  const entries = Object.entries(headers);
  if (entries.length > MOST_HEADERS) refuse(option, `have at most ${MOST_HEADERS}`);
  for (const [name, value] of entries) {
    if (OURS.test(name)) {
      throw new InvalidOptionError(ACTION, option, "not hold a header that is set here", name);
    }
    try {
      if (typeof value !== "string") throw new TypeError();
      new Headers([[name, value]]);
    } catch {
      refuse(option, "hold names and values that HTTP can carry");
    }
  }
}

function refuse(option: string, rule: string): never {
  throw new InvalidOptionError(ACTION, option, rule, HIDDEN);
}
