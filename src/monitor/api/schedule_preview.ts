/**
 * What a cron expression or an interval means, before anybody makes a schedule of it.
 *
 * @module
 */

import { timingOf } from "../../schedule/timing.ts";
import { type Answer, data } from "../answer.ts";
import type { Call } from "../call.ts";
import { toApiError } from "../errors.ts";
import type { Route } from "../route.ts";
import {
  boolean,
  described,
  enveloped,
  integer,
  list,
  object,
  type Schema,
  text,
} from "../schema.ts";
import { firesAfter, fireTimeSchema } from "../wire/fire_time.ts";
import { readTiming, timingProperties } from "../wire/schedule_rules.ts";

const DEFAULT_COUNT = 10;

const bodySchema: Schema = {
  ...object({
    ...timingProperties,
    "from_ms?": described(
      { ...integer, minimum: 0, maximum: 253_402_300_799_999 },
      "Fires after this time; now if it is absent",
    ),
    "count?": { ...integer, minimum: 1, maximum: 100, default: DEFAULT_COUNT },
    "draft?": described(
      { ...boolean, default: false },
      "Somebody is still typing: an expression, zone or times that are wrong are answered with " +
        "`error`, not refused",
    ),
  }),
  examples: [{ cron: "30 2 * * *", time_zone: "Europe/Berlin", count: 3 }],
};

/** The preview. */
export const schedulePreviewRoutes: readonly Route[] = [
  {
    method: "POST",
    // Below /schedules it would take the place of the schedule with that id.
    path: "/api/v1/schedule-preview",
    access: "viewer",
    summary:
      "The next times at which a schedule would fire, and what is wrong with it if anything is",
    description: "Without jitter. There may be fewer than asked for, as the expression may end.",
    body: bodySchema,
    answer: {
      body: enveloped(object({
        fires: list(fireTimeSchema),
        "error?": described(text, "Of a draft: what is wrong with it"),
      })),
    },
    handle: preview,
  },
];

async function preview(call: Call): Promise<Answer> {
  const { draft, ...body } = await call.body(bodySchema);
  try {
    return data({ fires: firesOf(call, body) });
  } catch (error) {
    const told = toApiError(error);
    if (draft !== true || told?.code !== "BAD_REQUEST") throw error;
    return data({ fires: [], error: told.message });
  }
}

function firesOf(call: Call, body: Readonly<Record<string, unknown>>): object {
  const { from_ms, count = DEFAULT_COUNT, ...wire } = body;
  const rules = readTiming(wire);
  const after = from_ms as number | undefined ?? call.desk.clock.now();
  return firesAfter(timingOf(rules), rules.timeZone, { after, count: count as number });
}
