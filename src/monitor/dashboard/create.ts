/**
 * Makes the dashboard of a monitor out of its options.
 *
 * @module
 */

import { InvalidOptionError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { VERSION } from "../../version.ts";
import { builtInFiles } from "./built_in.ts";
import { customFiles } from "./custom_dir.ts";
import { checkDashboardOptions, type DashboardOptions } from "./options.ts";
import { Pages } from "./pages.ts";

/**
 * Makes it; undefined if there is to be none.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
 */
export function createPages(
  options: boolean | DashboardOptions | undefined,
  logger: Logger,
): Pages | undefined {
  if (options === undefined || options === false) return undefined;
  if (options !== true && (typeof options !== "object" || options === null)) {
    throw new InvalidOptionError("create monitor", "dashboard", "be true or an object", options);
  }
  const { pathPrefix, customDir } = checkDashboardOptions(options === true ? {} : options);
  return new Pages(pathPrefix, async () => {
    const custom = customDir === undefined
      ? undefined
      : await customFiles(customDir, VERSION, logger);
    return custom ?? await builtInFiles();
  });
}
