/** What happened to a job, as those see it who may not see all. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { jobMovedOnWire } from "../../../../src/monitor/live/events.ts";
import type { View } from "../../../../src/monitor/live/view.ts";
import { Redactor } from "../../../../src/monitor/redact.ts";
import type { JobMoved } from "../../../../src/store/store.ts";
import { someone } from "../../../monitor/support/desk.ts";

function told(fields: Partial<JobMoved>, queues?: readonly string[]): object {
  const event = { id: "a", queue: "q", type: "t", kind: "canceled", status: "canceled", at: 1 };
  const view = { who: someone("viewer", queues) } as View;
  return jobMovedOnWire({ ...event, ...fields } as JobMoved, view, new Redactor([]));
}

test("why a job was canceled is told to those who see all queues, as it may name a parent", () => {
  const error = "Parent 'secret' ended as dead_letter";
  const rest = { ...{ id: "a", queue: "q", type: "t", at_ms: 1 }, value: undefined };
  const canceled = { ...rest, kind: "canceled", status: "canceled" };
  assert.deepEqual(told({ error }), { ...canceled, error });
  assert.deepEqual(told({ error }, ["q"]), { ...canceled, error: undefined });
  const failed = { kind: "dead_letter", status: "dead_letter", error: "no" } as const;
  assert.deepEqual(told(failed, ["q"]), { ...rest, ...failed });
});
