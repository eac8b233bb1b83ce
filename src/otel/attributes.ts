/**
 * Attributes of spans: OpenTelemetry's conventions for messaging, and `gqm.*` for what they do not name.
 * https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 *
 * @module
 */

import type { Attributes } from "@opentelemetry/api";
import type { ClaimedJob, JobSlot } from "../job/job.ts";
import type { EnqueueCall } from "../tracing.ts";

/** The value that all have in common; undefined if they differ. */
export function common<T, V>(items: readonly T[], valueOf: (item: T) => V): V | undefined {
  const [first, ...others] = items.map(valueOf);
  return others.every((other) => other === first) ? first : undefined;
}

/** What a call to enqueue says before it is done. */
export function callAttributes({ jobs, slot }: EnqueueCall): Attributes {
  return {
    ...ofOperation("send"),
    ...given("gqm.job.type", common(jobs, ({ type }) => type)),
    ...given("messaging.destination.name", common(jobs, ({ queue }) => queue)),
    ...jobs.length > 1 && { "messaging.batch.message_count": jobs.length },
    ...ofSlot(slot),
  };
}

/** What an attempt says before it is made. */
export function attemptAttributes(job: ClaimedJob): Attributes {
  const { id, type, queue, attemptsMade, retryCount, holder, settings } = job;
  return {
    ...ofOperation("process"),
    "messaging.destination.name": queue,
    "messaging.message.id": id,
    "messaging.client.id": holder.server,
    "gqm.job.type": type,
    "gqm.job.attempt": attemptsMade + 1,
    "gqm.job.retry_count": retryCount,
    "gqm.pool": holder.pool,
    ...ofSlot(settings.schedule),
  };
}

function ofOperation(name: "send" | "process"): Attributes {
  return {
    "messaging.system": "gqm",
    "messaging.operation.name": name,
    "messaging.operation.type": name,
  };
}

function ofSlot(slot: JobSlot | undefined): Attributes {
  return slot === undefined
    ? {}
    : { "gqm.schedule.id": slot.id, "gqm.schedule.slot_ms": slot.slotAt };
}

function given(name: string, value: string | undefined): Attributes {
  return value === undefined ? {} : { [name]: value };
}
