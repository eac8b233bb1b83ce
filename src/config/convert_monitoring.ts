/**
 * From the keys of `monitoring` to options of a server.
 *
 * @module
 */

import type { AlertsOptions } from "../monitor/alerts/options.ts";
import type { ApiKeyOptions, AuthOptions, UserOptions } from "../monitor/auth/options.ts";
import type { DashboardOptions } from "../monitor/dashboard/options.ts";
import type { RedactRule } from "../monitor/redact.ts";
import type { ApiOptions } from "../run/open_api.ts";
import type { FileValue } from "./table/table.ts";
import { camelKeys, msOf, unlessZero, withoutUnset } from "./values.ts";

type Monitoring = NonNullable<FileValue["monitoring"]>;

/** Whether a monitor is served at all. */
export function isServed({ api, dashboard }: Monitoring): boolean {
  return api?.enabled === true || dashboard?.enabled === true;
}

/** The options of the monitor and of its dashboard. */
export function toMonitoring(
  monitoring: Monitoring,
): { readonly api?: ApiOptions; readonly dashboard?: DashboardOptions } {
  if (!isServed(monitoring)) return {};
  const { api = {}, dashboard } = monitoring;
  return {
    api: withoutUnset({
      addr: api.addr,
      auth: toAuth(monitoring),
      rateLimit: unlessZero(api.rate_limit),
      trustProxy: api.trust_proxy,
      redact: monitoring.redact?.map((rule) => camelKeys(rule) as unknown as RedactRule),
      corsOrigins: api.cors_origins,
      live: api.live && camelKeys(api.live),
      alerts: toAlerts(monitoring.alerts),
      strictHealth: api.strict_health,
      metrics: api.metrics === true ? {} : api.metrics,
    }),
    ...dashboard?.enabled === true && { dashboard: toDashboard(dashboard) },
  };
}

/** Where the dashboard is. */
function toDashboard(dashboard: NonNullable<Monitoring["dashboard"]>): DashboardOptions {
  return withoutUnset({ pathPrefix: dashboard.path_prefix, customDir: dashboard.custom_dir });
}

/** When somebody is told that something is wrong. */
function toAlerts(alerts: Monitoring["alerts"]): AlertsOptions | boolean | undefined {
  return typeof alerts === "object" ? camelKeys(alerts) as unknown as AlertsOptions : alerts;
}

/** Keys open also where nobody can log in. */
function toAuth({ auth, api }: Monitoring): AuthOptions | "none" {
  const keys = api?.api_keys ?? [];
  if (!auth?.enabled && keys.length === 0) return "none";
  return withoutUnset({
    users: auth?.enabled ? auth.users?.map(toUser) : undefined,
    apiKeys: keys.map(toApiKey),
    sessionTtlMs: msOf(unlessZero(auth?.session_ttl)),
    cookieSecure: api?.cookie_secure,
  });
}

/** Someone who logs in. */
export function toUser(user: object): UserOptions {
  return camelKeys(user) as unknown as UserOptions;
}

/** The key of a program. */
function toApiKey(key: object): ApiKeyOptions {
  return camelKeys(key) as unknown as ApiKeyOptions;
}
