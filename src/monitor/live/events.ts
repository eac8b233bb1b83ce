/**
 * The events of a stream: their names, what they say, and how that is written. The documentation is
 * made of this table.
 *
 * @module
 */

import { statuses } from "../../job/state.ts";
import type { JobEventKind, JobMoved, LinesChanged } from "../../store/store.ts";
import type { Redactor } from "../redact.ts";
import type { StreamEvent } from "../route.ts";
import {
  boolean,
  described,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";
import { alertSchema } from "../wire/alert.ts";
import type { View } from "./view.ts";

/** Events that can be asked for. */
export const liveEventNames = ["jobs", "lines", "counts", "servers", "alert"] as const;
/** The name of such an event. */
export type LiveEventName = typeof liveEventNames[number];

/** What may happen to a job, and whether it is told before what else happens. */
const URGENCY: Readonly<Record<JobEventKind, boolean>> = {
  created: false,
  ready: false,
  scheduled: false,
  started: false,
  progress: false,
  retry: true,
  released: false,
  lost: true,
  completed: false,
  dead_letter: true,
  canceled: false,
  stopped: false,
  failed: true,
  revived: false,
  removed: false,
};

const moreSchema = described(integer, "How many others there were, for which there was no room");

const queueSchema: Schema = object({
  name: text,
  paused: boolean,
  ...Object.fromEntries(statuses.map((status) => [status, integer])),
});

/** All events that a stream may hold. */
export const liveEvents: readonly StreamEvent[] = [
  {
    name: "jobs",
    description: "What happened to jobs, at most four times a second and 100 at once, in their " +
      "order: first of all what failed or was lost, then the newest of the others.",
    data: object({
      jobs: list(object({
        id: text,
        queue: text,
        type: text,
        kind: oneOf(...Object.keys(URGENCY)),
        status: described(nullable(oneOf(...statuses)), "Afterwards; null if it was removed"),
        at_ms: integer,
        "error?": described(
          text,
          "Why it failed or was canceled, the first 200 characters; absent if that is redacted, and " +
            "of canceled jobs for those who see only some queues",
        ),
        "value?": described(number, "How far its handler is, of `progress`"),
      })),
      more: moreSchema,
    }),
  },
  {
    name: "lines",
    description: "What was paused or resumed: a queue, a type in all queues, or a type in one.",
    data: object({
      lines: list(object({
        kind: oneOf("paused", "resumed"),
        queue: nullable(text),
        type: nullable(text),
        at_ms: integer,
      })),
      more: moreSchema,
    }),
  },
  {
    name: "counts",
    description:
      "How queues stand: all of them at the beginning (`full`), then those that changed, " +
      "at most every 2 s. With `type`, the jobs of that type. At most 500 queues at once, by name.",
    data: object({
      full: described(boolean, "Whether these are all queues that there are"),
      queues: list(queueSchema),
      gone: described(list(text), "Queues that are not there any more"),
      more: moreSchema,
    }),
  },
  {
    name: "servers",
    description:
      "Servers and consumers: those that live, at the beginning; then who came and who " +
      "went. For those who see all queues.",
    data: object({
      count: described(integer, "How many live"),
      joined: list(object({ id: text, hostname: text })),
      left: list(text),
      more: moreSchema,
    }),
  },
  {
    name: "alert",
    description: "An alert fires, was resolved, or somebody has seen it.",
    data: alertSchema,
  },
  {
    name: "store",
    description: "The store is away, or back. Meanwhile nothing is known.",
    data: object({ up: boolean }),
  },
  {
    name: "gap",
    description:
      "Events were missed: what is known of jobs may be out of date and is to be loaded " +
      "anew. It comes too when the store is back.",
    data: object({}),
  },
];

/** Whether something is told before what else happens. */
export function isUrgent({ kind }: JobMoved): boolean {
  return URGENCY[kind];
}

/** What happened to a job, as a view shows it. */
export function jobMovedOnWire(
  { id, queue, type, kind, status, at, error, value }: JobMoved,
  { who }: View,
  redactor: Redactor,
): object {
  // Why it was canceled may name a parent in another queue.
  const isHidden = redactor.hidesText("error", type, who.role) ||
    (kind === "canceled" && who.queues !== null);
  return { id, queue, type, kind, status, at_ms: at, error: isHidden ? undefined : error, value };
}

/** A pause, or its end. */
export function linesOnWire({ kind, queue, type, at }: LinesChanged): object {
  return { kind, queue, type, at_ms: at };
}
