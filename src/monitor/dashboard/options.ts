/**
 * Options of the dashboard.
 *
 * @module
 */

import { checkKeys } from "../../checks.ts";
import { InvalidOptionError } from "../../errors.ts";

/** Where the dashboard is, and what it is made of. */
export interface DashboardOptions {
  /** The path under which its pages are. @default {"/dashboard"} */
  readonly pathPrefix?: string;
  /** A folder whose files are served in the place of ours. @default {none} */
  readonly customDir?: string;
}

/** Where the dashboard is, unless said otherwise. */
export const DEFAULT_PATH_PREFIX = "/dashboard";

const ACTION = "create monitor";
/** Segments of letters, digits and a few marks, so that it means the same to proxies and browsers. */
const PREFIX = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){1,8}$/;
/** What the monitor answers itself. */
const TAKEN = /^\/(?:api|auth|health|ready|metrics)(?:\/|$)/;

/**
 * Checks the options of the dashboard.
 *
 * @throws {InvalidOptionError} If one is unknown or breaks its rule.
 */
export function checkDashboardOptions(
  options: DashboardOptions,
): DashboardOptions & { readonly pathPrefix: string } {
  checkKeys(ACTION, options, ["pathPrefix", "customDir"], "dashboard");
  const { pathPrefix = DEFAULT_PATH_PREFIX, customDir } = options;
  const name = "dashboard.pathPrefix";
  if (typeof pathPrefix !== "string" || !PREFIX.test(pathPrefix)) {
    throw new InvalidOptionError(ACTION, name, "be a path such as '/dashboard'", pathPrefix);
  }
  if (TAKEN.test(pathPrefix)) {
    throw new InvalidOptionError(ACTION, name, "not be a path of the API", pathPrefix);
  }
  if (customDir !== undefined && (typeof customDir !== "string" || customDir === "")) {
    throw new InvalidOptionError(ACTION, "dashboard.customDir", "be a path", customDir);
  }
  return { ...options, pathPrefix };
}
