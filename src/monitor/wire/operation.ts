/**
 * An operation on the wire.
 *
 * @module
 */

import { queuesOf } from "../../insight/job_query.ts";
import { statuses } from "../../job/state.ts";
import { mayUse, type Principal } from "../auth/principal.ts";
import {
  noCounts,
  type Operation,
  operationActions,
  type OperationCounts,
  operationStates,
  stateOf,
} from "../operations/operation.ts";
import { REDACTED } from "../redact.ts";
import {
  described,
  integer,
  list,
  named,
  nullable,
  object,
  oneOf,
  record,
  type Schema,
  text,
} from "../schema.ts";

const queryOnWireSchema: Schema = object({
  status: list(oneOf(...statuses)),
  "queues?": described(list(text), "Absent for all"),
  "type?": text,
  "q?": described(text, "Told to admins and to who asked; `[redacted]` to others"),
  "id?": text,
  "id_prefix?": text,
  "fingerprint?": text,
  "from_ms?": integer,
  "to_ms?": integer,
});

/** An operation on the wire. */
export const operationSchema: Schema = named("Operation", {
  ...object({
    id: text,
    action: oneOf(...operationActions),
    state: described(
      oneOf(...operationStates),
      "`canceling` until the step that is under way has ended",
    ),
    query: queryOnWireSchema,
    who: text,
    reason: nullable(text),
    total: described(integer, "How many jobs the query could mean at most when it was asked"),
    looked: described(integer, "Jobs that were read so far"),
    matched: described(integer, "Those of them that are meant"),
    changed: described(integer, "Those with which it was done"),
    unchanged: described(integer, "Those that had moved on, or were gone, before it was done"),
    refused: described(integer, "Those with which it cannot be done"),
    refusals: described(
      record(object({ count: integer, job_ids: list(text) })),
      "Those that were refused, by the reason, with the ids of the first 20: `status` does not allow " +
        "it, a `parent` has failed, a `duplicate` has the unique key",
    ),
    created_at_ms: integer,
    started_at_ms: nullable(integer),
    updated_at_ms: nullable(integer),
    ended_at_ms: nullable(integer),
    "canceled_by?": text,
    "error?": described(text, "Why it failed"),
  }),
  examples: [{
    id: "019a2f6e-5c1b-7d40-9c3e-2f1a6b7c8d90",
    action: "retry",
    state: "running",
    query: { status: ["dead_letter"], queues: ["mail"] },
    who: "ada",
    reason: "the mail server is back",
    total: 50_000,
    looked: 12_000,
    matched: 12_000,
    changed: 11_990,
    unchanged: 3,
    refused: 7,
    refusals: { parent: { count: 7, job_ids: ["019a2f6e-5c1b-7d40-9c3e-2f1a6b7c8d91"] } },
    created_at_ms: 1_767_225_600_000,
    started_at_ms: 1_767_225_600_010,
    updated_at_ms: 1_767_225_601_000,
    ended_at_ms: null,
  }],
});

/** Puts an operation on the wire, for whoever looks. */
export function operationOnWire(operation: Operation, who: Principal): object {
  const { order, progress, end } = operation;
  const counts: OperationCounts = end ?? progress ?? noCounts;
  const refusals = Object.entries(counts.refused);
  return {
    id: order.id,
    action: order.action,
    state: stateOf(operation),
    query: queryOnWire(operation, who),
    who: order.who.name,
    reason: order.reason,
    total: order.total,
    looked: counts.looked,
    matched: counts.matched,
    changed: counts.changed,
    unchanged: counts.unchanged,
    refused: refusals.reduce((sum, [, { count }]) => sum + count, 0),
    refusals: Object.fromEntries(
      refusals.map(([reason, { count, ids }]) => [reason, { count, job_ids: ids }]),
    ),
    created_at_ms: order.createdAt,
    started_at_ms: (end ?? progress)?.startedAt ?? null,
    updated_at_ms: end?.endedAt ?? progress?.updatedAt ?? null,
    ended_at_ms: end?.endedAt ?? null,
    canceled_by: end?.canceledBy,
    error: end?.error,
  };
}

function queryOnWire({ order }: Operation, who: Principal): object {
  const { statuses, type, text, id, idPrefix, fingerprint, fromAt, toAt } = order.query;
  // What was looked for may be what is hidden from others.
  const isTold = mayUse(who.role, "admin") || who.name === order.who.name;
  return {
    ...{ status: statuses, queues: queuesOf(order.query), type },
    q: text === undefined || isTold ? text : REDACTED,
    ...{ id, id_prefix: idPrefix, fingerprint, from_ms: fromAt, to_ms: toAt },
  };
}
