/**
 * What holds for the whole server: `app`.
 *
 * @module
 */

import { logLevels } from "../../logger.ts";
import { serverDefaults } from "../../run/server_options.ts";
import { defaultRetention } from "../../store/retention.ts";
import { number, seconds, section, text } from "../node.ts";
import { isZone, ZONE_RULE } from "../names.ts";

/** The server. */
export const app = section("What holds for the whole server", {
  timezone: text("Time zone of cron entries that name none", {
    unset: "UTC",
    rule: ZONE_RULE,
    accepts: isZone,
  }),
  log_level: text("Least level that is logged", {
    unset: "info",
    oneOf: logLevels,
    anyCase: true,
  }),
  shutdown_timeout: seconds("How long a stop waits for running jobs; 0 for the default", {
    unset: `${serverDefaults.shutdownTimeoutMs / 1000}`,
  }),
  global_job_timeout: seconds("Time limit of an attempt; 0 for the default", {
    unset: `${serverDefaults.timeoutMs / 1000}`,
  }),
  grace_period: seconds(
    "Time between the abort at the limit and the handler's being left alone; 0 for the default",
    { unset: `${serverDefaults.graceMs / 1000}` },
  ),
  result_ttl: number("For how many seconds completed jobs are kept; -1 for ever, 0 not at all", {
    unset: `${defaultRetention.completedMs / 1000}`,
    min: -1,
  }),
  failure_ttl: number(
    "For how many seconds all others that have ended are kept; -1 for ever, 0 not at all",
    { unset: `${defaultRetention.failedMs / 1000}`, min: -1 },
  ),
  lease_ms: number("Milliseconds after which the jobs of a server that died go to another", {
    unset: `${serverDefaults.leaseMs}`,
    min: 100,
  }),
  max_deliveries: number(
    "Deliveries that end with their holder's death before a job is a dead letter",
    { unset: `${serverDefaults.maxDeliveries}`, min: 1 },
  ),
});
