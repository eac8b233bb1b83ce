/**
 * What is enqueued by the clock: `scheduler`.
 *
 * @module
 */

import { isQueueName, QUEUE_RULE } from "../../job/names.ts";
import { checkScheduleId, SCHEDULE_ID_RULE } from "../../schedule/options.ts";
import { accepts, isZone, jobType, queueName, ZONE_RULE } from "../names.ts";
import { flag, list, number, seconds, section, text } from "../node.ts";

const cronEntries = list(
  "Schedules of this file. One that is taken out of it is removed from the store when a server starts",
  section("A schedule", {
    id: text("Its id, unique in the store", {
      required: true,
      rule: SCHEDULE_ID_RULE,
      accepts: (id) => accepts(() => checkScheduleId("load config", id)),
    }),
    name: text("What people call it", { ignored: "schedules are known by their ids" }),
    cron_expr: text("Cron expression of 5 fields, or 6 with the second first", {
      required: true,
    }),
    timezone: text("Its time zone", { unset: "`app.timezone`", rule: ZONE_RULE, accepts: isZone }),
    job_type: jobType("Type of its jobs", { required: true }),
    queue: queueName("Their queue", { unset: "default" }),
    payload: text("Their payload, as JSON", {
      unset: "null",
      rule: "be JSON",
      accepts: isJson,
    }),
    timeout: seconds("Their time limit; 0 for that of the pool", { unset: "that of the pool" }),
    max_retry: number("Their retries", { unset: "those of the pool", min: 0 }),
    overlap_policy: text("What becomes of a slot while the last job has not ended", {
      unset: "skip",
      oneOf: ["skip", "allow", "replace", "queue_one"],
    }),
    enabled: flag("False: it begins paused", { unset: "true" }),
  }),
  { unset: "those that are there stay" },
);

/** The scheduler. */
export const scheduler = section("What is enqueued by the clock", {
  enabled: flag("Whether this server fires schedules", { unset: "true" }),
  poll_interval: seconds("How often to look for due jobs", {
    unset: "0",
    ignored: "jobs are started when they are due, without polling",
  }),
  scope: text("Name of this set of schedules: give each file on one store its own", {
    unset: "default",
    rule: QUEUE_RULE,
    accepts: isQueueName,
  }),
  cron_entries: cronEntries,
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
