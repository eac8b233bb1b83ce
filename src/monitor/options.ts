/**
 * Options of a monitor, their rules and defaults.
 *
 * @module
 */

import { checkBoolean, checkInteger, checkKeys, checkOneOf } from "../checks.ts";
import type { Clock } from "../clock.ts";
import { InvalidOptionError } from "../errors.ts";
import { type Logger, type LogLevel, logLevels } from "../logger.ts";
import type { Store } from "../store/store.ts";
import { checkTracing, type Tracing } from "../tracing.ts";
import type { MetricsOptions } from "./api/metrics.ts";
import type { AlertsOptions } from "./alerts/options.ts";
import type { AuthOptions } from "./auth/options.ts";
import type { LiveOptions } from "./live/crowd.ts";
import type { DashboardOptions } from "./dashboard/options.ts";
import type { RedactRule } from "./redact.ts";

/** Options of a monitor. */
export interface MonitorOptions {
  /**
   * A store, or its URL. A store given as an object is not closed by the monitor.
   * @default {the environment variable GQM_STORE, else "sqlite:./gqm.db"}
   */
  readonly store?: Store | string;
  /** Who may do what; `"none"` for everyone everything, served to this machine alone. */
  readonly auth: AuthOptions | "none";
  /**
   * Requests per second and client, above which they are refused; twice as many may come at once.
   * -1 for no limit.
   * @default {100}
   */
  readonly rateLimit?: number;
  /**
   * How many proxies stand in front, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed;
   * true for one.
   * @default {false}
   */
  readonly trustProxy?: boolean | number;
  /** Parts of payloads, results and meta, and what handlers say, that is not shown to everyone. @default {none} */
  readonly redact?: readonly RedactRule[];
  /**
   * Origins whose pages may call the API with a key, such as `https://app.example.com`. Not where
   * nobody has one.
   * @default {none}
   */
  readonly corsOrigins?: readonly string[];
  /** How many streams of events there may be at once. */
  readonly live?: LiveOptions;
  /**
   * Watches the store, from now until `close`, and tells when something is wrong; true for rules of
   * each kind. Give all monitors of a store the same.
   * @default {false}
   */
  readonly alerts?: AlertsOptions | boolean;
  /** Whether `/health` answers 503, and not 200, when the store is away. @default {false} */
  readonly strictHealth?: boolean;
  /** Metrics at `/metrics`; false for none. @default {for viewers} */
  readonly metrics?: MetricsOptions | false;
  /** Follows what is enqueued over HTTP: `openTelemetry()` of `@gqm/gqm/otel`, or your own. */
  readonly tracing?: Tracing;
  /** Whether the dashboard is served as well, and where. @default {false} */
  readonly dashboard?: boolean | DashboardOptions;
  /** Where log lines go. @default {JSON lines on standard error} */
  readonly logger?: Logger;
  /** Least level that is logged. @default {"info", or with a `logger` of your own "debug"} */
  readonly logLevel?: LogLevel;
  /** Source of elapsed time and timers. @default {the system's clock} */
  readonly clock?: Clock;
}

/** Requests per second and client, unless said otherwise. */
export const DEFAULT_RATE = 100;
const ACTION = "create monitor";
const MOST_PROXIES = 10;
const MOST_VIEWERS = 100_000;
const KNOWN = [
  ...["store", "auth", "rateLimit", "trustProxy", "redact", "corsOrigins", "strictHealth"],
  ...["dashboard", "live", "alerts", "metrics", "tracing", "logger", "logLevel", "clock"],
];

/**
 * Checks the options of a monitor, but for those of `auth`, `redact` and `alerts`.
 *
 * @throws {InvalidOptionError} If one is unknown or breaks its rule.
 */
export function checkMonitorOptions(options: MonitorOptions): void {
  checkKeys(ACTION, options, KNOWN);
  const { auth, rateLimit, trustProxy, corsOrigins, strictHealth, live, metrics, logLevel } =
    options;
  if (auth === undefined) {
    const rule = "be given: users and API keys, or 'none' to serve everyone on this machine";
    throw new InvalidOptionError(ACTION, "auth", rule, auth);
  }
  if (rateLimit !== undefined) checkInteger(ACTION, "rateLimit", rateLimit, -1, 1_000_000);
  if (typeof trustProxy === "number") {
    checkInteger(ACTION, "trustProxy", trustProxy, 0, MOST_PROXIES);
  } else if (trustProxy !== undefined) {
    checkBoolean(ACTION, "trustProxy", trustProxy);
  }
  if (strictHealth !== undefined) checkBoolean(ACTION, "strictHealth", strictHealth);
  if (metrics !== undefined && metrics !== false) {
    checkKeys(ACTION, metrics, ["open"], "metrics");
    if (metrics.open !== undefined) checkBoolean(ACTION, "metrics.open", metrics.open);
  }
  if (logLevel !== undefined) checkOneOf(ACTION, "logLevel", logLevel, logLevels);
  if (live !== undefined) checkLive(live);
  if (corsOrigins !== undefined) checkOrigins(corsOrigins, auth);
  if (options.tracing !== undefined) checkTracing(ACTION, options.tracing);
}

function checkLive(live: LiveOptions): void {
  checkKeys(ACTION, live, ["maxViewers", "maxViewersPerClient"], "live");
  for (const [name, value] of Object.entries(live)) {
    if (value !== undefined) checkInteger(ACTION, `live.${name}`, value, 1, MOST_VIEWERS);
  }
}

function checkOrigins(origins: readonly string[], auth: MonitorOptions["auth"]): void {
  const rule = "be a list of origins, such as 'https://app.example.com'";
  if (!Array.isArray(origins)) throw new InvalidOptionError(ACTION, "corsOrigins", rule, origins);
  for (const origin of origins) {
    if (URL.canParse(origin) && new URL(origin).origin === origin) continue;
    throw new InvalidOptionError(ACTION, "corsOrigins", rule, origin);
  }
  if (auth !== "none" || origins.length === 0) return;
  const none = "be empty without 'auth', as pages of other origins need a key";
  throw new InvalidOptionError(ACTION, "corsOrigins", none, origins);
}

/** How many proxies are believed. */
export function proxiesOf(trustProxy: boolean | number = false): number {
  return typeof trustProxy === "number" ? trustProxy : trustProxy ? 1 : 0;
}
