/**
 * Alerts on the wire: in answers, to live viewers and to webhooks.
 *
 * @module
 */

import type { Alert } from "../alerts/alert.ts";
import {
  described,
  integer,
  named,
  nullable,
  number,
  object,
  oneOf,
  type Schema,
  text,
} from "../schema.ts";

/** An alert on the wire. */
export const alertSchema: Schema = named(
  "Alert",
  object({
    id: described(text, "Name of the rule, and a colon and the queue or server, if it is of one"),
    rule: described(text, "Name of the rule"),
    when: oneOf("queue_stalled", "oldest_age", "failure_rate", "dead_server", "store_degraded"),
    queue: nullable(text),
    type: nullable(text),
    server: described(nullable(text), "Id of the server"),
    status: oneOf("firing", "resolved"),
    since_ms: described(integer, "Epoch milliseconds: since when it is wrong"),
    fired_at_ms: described(integer, "Epoch milliseconds"),
    resolved_at_ms: described(nullable(integer), "Epoch milliseconds"),
    value: described(
      nullable(number),
      "What was measured last while it was wrong: milliseconds or a share; null if nothing could be",
    ),
    threshold: described(number, "What the value must not be above"),
    summary: described(text, "For people"),
    acknowledged: described(
      nullable(object({ by: text, at_ms: integer, until_ms: nullable(integer) })),
      "Who has seen it, of an alert that fires; `until_ms`: it is told again then",
    ),
  }),
);

/** Puts an alert on the wire that fires or has fired. */
export function alertOnWire(alert: Alert): object {
  const { id, rule, when, queue, type, server, status, overAt, firedAt, resolvedAt } = alert;
  const { value, threshold, summary, acknowledged } = alert;
  return {
    ...{ id, rule, when, queue, type, server, status },
    since_ms: overAt,
    fired_at_ms: firedAt,
    resolved_at_ms: resolvedAt,
    ...{ value, threshold, summary },
    acknowledged: acknowledged &&
      { by: acknowledged.by, at_ms: acknowledged.at, until_ms: acknowledged.until },
  };
}
