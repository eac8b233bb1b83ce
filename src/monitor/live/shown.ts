/**
 * What a view shows, as the events that tell it: pure.
 *
 * @module
 */

import type { Redactor } from "../redact.ts";
import type { Batch } from "./batch.ts";
import { jobMovedOnWire, linesOnWire } from "./events.ts";
import type { Message } from "./sse.ts";
import { type QueueChanges, queuesOnWire, type Servers, serversOnWire } from "./standing.ts";
import type { View } from "./view.ts";

/** Events were missed. */
export const GAP: Message = { event: "gap", data: {} };

/** What happened. */
export function happened(view: View, batch: Batch, redactor: Redactor): Message[] {
  const told: Message[] = [];
  if (view.events.has("jobs")) {
    const { events, more } = batch.jobs(view);
    const jobs = events.map((event) => jobMovedOnWire(event, view, redactor));
    if (jobs.length > 0) told.push({ event: "jobs", data: { jobs, more } });
  }
  if (view.events.has("lines")) {
    const { events, more } = batch.lines(view);
    const lines = events.map(linesOnWire);
    if (lines.length > 0) told.push({ event: "lines", data: { lines, more } });
  }
  return told;
}

/** How queues stand. */
export function queuesTold(view: View, changes: QueueChanges): Message[] {
  const data = view.events.has("counts") ? queuesOnWire(changes, view) : undefined;
  return data === undefined ? [] : [{ event: "counts", data }];
}

/** Who works. A server works for any queue, so it is shown to those who see all. */
export function serversTold(view: View, now: Servers, before?: Servers): Message[] {
  const isShown = view.events.has("servers") && view.who.queues === null;
  const data = isShown ? serversOnWire(now, before) : undefined;
  return data === undefined ? [] : [{ event: "servers", data }];
}
