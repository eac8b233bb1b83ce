/**
 * Alerts: what is wrong, what was, and that somebody has seen it.
 *
 * @module
 */

import type { TrailEntry } from "../../store/store.ts";
import type { Acknowledged, Alert, Change } from "../alerts/alert.ts";
import { acknowledge, ALERT_TRAIL, readBook, withAcks } from "../alerts/book.ts";
import { type Answer, cursorPage, data } from "../answer.ts";
import type { Call } from "../call.ts";
import { problemIn } from "../check_schema.ts";
import { ApiError, badRequest, notFound } from "../errors.ts";
import { cursorRule, limitRule, nameParam } from "../params.ts";
import type { Route } from "../route.ts";
import {
  cursorPaged,
  described,
  enveloped,
  integer,
  list,
  object,
  oneOf,
  type Schema,
} from "../schema.ts";
import { alertOnWire, alertSchema } from "../wire/alert.ts";

const LEAST_FOR_MS = 60_000;
const MOST_FOR_MS = 7 * 86_400_000;

const ackSchema: Schema = object({
  "for_ms?": described(
    { ...integer, minimum: LEAST_FOR_MS, maximum: MOST_FOR_MS },
    "It is told again if it still fires after so many milliseconds; without it, it is not",
  ),
});

const SCOPE = "Alerts about a queue are for those who see it, others for those who see all queues.";

/** Alerts. */
export const alertRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/alerts",
    access: "viewer",
    summary: "Alerts that fire, and those that were resolved in the last hour",
    description: SCOPE,
    answer: { body: enveloped(list(alertSchema)) },
    handle: async (call): Promise<Answer> => data((await seenAlerts(call)).map(alertOnWire)),
  },
  {
    method: "GET",
    path: "/api/v1/alerts/history",
    access: "viewer",
    summary: "What fired and was resolved, the newest first; the newest 1000 are kept",
    description: `${SCOPE} A page may hold fewer than asked for: it is the last without a cursor.`,
    query: { limit: limitRule, cursor: cursorRule },
    answer: {
      body: cursorPaged(object({
        number: integer,
        event: oneOf("firing", "resolved"),
        at_ms: integer,
        alert: alertSchema,
      })),
    },
    handle: async (call): Promise<Answer> => {
      const limit = call.query.number("limit", limitRule);
      const store = await call.desk.store();
      const page = { limit, cursor: call.query.get("cursor") };
      const { entries, cursor } = await store.trail(ALERT_TRAIL, page);
      return cursorPage(entries.flatMap((entry) => entryOnWire(call, entry)), { limit, cursor });
    },
  },
  {
    method: "POST",
    path: "/api/v1/alerts/{id}/acknowledge",
    access: "operator",
    summary: "Notes that somebody has seen an alert that fires",
    description: "Without `for_ms` nothing more is told of it until it is resolved.",
    params: { id: nameParam("Id of the alert") },
    body: ackSchema,
    answer: { body: enveloped(alertSchema) },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "alert.acknowledge",
    handle: acknowledgeAlert,
  },
];

async function acknowledgeAlert(call: Call): Promise<Answer> {
  const { desk, who, params } = call;
  const body = await call.json();
  const problem = problemIn(ackSchema, body, "");
  if (problem !== undefined) throw badRequest(problem);
  const alert = (await seenAlerts(call)).find(({ id }) => id === params.id);
  if (alert === undefined) throw notFound("alert");
  if (alert.status !== "firing") throw new ApiError("CONFLICT", "the alert does not fire");
  const at = desk.clock.now();
  const forMs = body.for_ms as number | undefined;
  const acknowledged: Acknowledged = {
    by: who.name,
    at,
    until: forMs === undefined ? null : at + forMs,
  };
  if (isOwn(call, alert.id)) desk.alerts?.acknowledgeOwn(alert.id, acknowledged);
  else await acknowledge(await desk.store(), alert, acknowledged);
  return { ...data(alertOnWire({ ...alert, acknowledged })), detail: { for_ms: forMs ?? null } };
}

/** All alerts that have fired, but for those that whoever asks does not see. */
async function seenAlerts(call: Call): Promise<Alert[]> {
  const own = call.desk.alerts?.own ?? [];
  const shared = await sharedAlerts(call).catch((error: unknown) => {
    // While the store is away, that is what there is to tell.
    if (own.some(({ status }) => status === "firing")) return [];
    throw error;
  });
  return [...own, ...shared.filter(({ id }) => !isOwn(call, id))]
    .filter((alert) => alert.status !== "pending" && isSeen(call, alert));
}

async function sharedAlerts({ desk }: Call): Promise<Alert[]> {
  const store = await desk.store();
  const { state } = await readBook(store);
  return await withAcks(store, state.alerts, desk.clock.now());
}

function isOwn({ desk }: Call, id: string): boolean {
  return desk.alerts?.own.some((alert) => alert.id === id) ?? false;
}

function isSeen(call: Call, { queue }: Pick<Alert, "queue">): boolean {
  return queue === null ? call.who.queues === null : call.sees(queue);
}

function entryOnWire(call: Call, { number, text }: TrailEntry): object[] {
  const { change, at, alert }: Change & { readonly alert: Alert } = JSON.parse(text);
  if (!isSeen(call, alert)) return [];
  return [{ number, event: change, at_ms: at, alert: alertOnWire(alert) }];
}
