/**
 * Puts a configuration and what code says beside it together.
 *
 * @module
 */

import { checkKeys } from "../checks.ts";
import { limitRule } from "../control/limits.ts";
import { InvalidOptionError } from "../errors.ts";
import type { JobMap } from "../job/registry.ts";
import type { ApiOptions } from "./open_api.ts";
import type { ConfigOverrides, ServerConfig } from "./server_config.ts";
import type { ServerOptions } from "./server_options.ts";
import type { ServerSetup } from "./server_setup.ts";

const ACTION = "create server";
const KNOWN = ["server", "pools", "schedules", "limits", "notes", "path", "warnings"];

/**
 * The options of a server: those of code before those of the configuration, option by option, also
 * of `api`, `auth` and `retention`. Lists are taken whole.
 *
 * @throws {InvalidOptionError} If the configuration is none.
 */
export function optionsOf<J extends JobMap>(
  config: ServerConfig,
  { api, ...code }: ConfigOverrides<J>,
): ServerOptions<J> {
  checkKeys(ACTION, config, KNOWN, "config");
  const { server } = config;
  if (typeof server !== "object" || server === null) {
    throw new InvalidOptionError(ACTION, "config.server", "be an object", server);
  }
  const merged: ServerOptions<J> = {
    ...over(server as ServerOptions<J>, code),
    retention: typeof code.store === "object"
      ? code.retention // a store that is given whole has its own
      : over(server.retention, code.retention),
    api: api === false ? undefined : apiOf(server.api, api),
    dashboard: api === false ? undefined : code.dashboard ?? server.dashboard,
  };
  return over({}, merged);
}

function apiOf(
  config: ApiOptions | undefined,
  code: Partial<ApiOptions> | undefined,
): ApiOptions | undefined {
  const merged = over(config, code) as ApiOptions | undefined;
  if (typeof config?.auth !== "object" || typeof code?.auth !== "object") return merged;
  return { ...merged, auth: over(config.auth, code.auth) };
}

/** Options over others; one that is undefined says nothing. */
function over<A extends object | undefined, B extends object | undefined>(
  under: A,
  upper: B,
): A & B {
  if (under === undefined && upper === undefined) return undefined as A & B;
  const given = Object.entries(upper ?? {}).filter(([, value]) => value !== undefined);
  return { ...under, ...Object.fromEntries(given) } as A & B;
}

/**
 * Gives a new server what is no option: schedules and limits. Its pools it is given by `pool`.
 *
 * @throws {InvalidOptionError} If one breaks its rule.
 */
export function addConfigured<J extends JobMap>(
  { schedules, limits, logger }: Pick<ServerSetup<J>, "schedules" | "limits" | "logger">,
  config: ServerConfig,
): void {
  schedules.addAll(config.schedules, "config");
  for (const limit of config.limits) {
    limitRule(limit.target, limit.limits);
    limits.push(limit);
  }
  for (const note of config.notes) logger.warn("Configuration", { note });
}
