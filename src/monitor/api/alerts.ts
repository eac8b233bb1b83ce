/**
 * Alerts: what is wrong, what was, and that somebody has seen it.
 *
 * @module
 */

import { type Acknowledged, type Alert, type Change, changeKey } from "../alerts/alert.ts";
import { acknowledge, ALERT_TRAIL, readBook, withAcks } from "../alerts/book.ts";
import { type Answer, cursorPage, data } from "../answer.ts";
import type { Call } from "../call.ts";
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
/** Lines of the history that are read at once; the store keeps 1000. */
const READ_AT_ONCE = 100;
/** What a line of the history is known by. */
const KEY = /^\d{1,16} (firing|resolved) ./;

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
    description: SCOPE,
    query: { limit: limitRule, cursor: cursorRule },
    answer: {
      body: cursorPaged(object({
        "number?": described(integer, "How many there were before; for those who see all queues"),
        event: oneOf("firing", "resolved"),
        at_ms: integer,
        alert: alertSchema,
      })),
    },
    handle: listHistory,
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
  const body = await call.body(ackSchema);
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

/** A line of the history. */
interface HistoryLine extends Change {
  readonly number: number;
  readonly alert: Alert;
}

async function listHistory(call: Call): Promise<Answer> {
  const limit = call.query.number("limit", limitRule);
  const cursor = call.query.get("cursor");
  if (call.who.queues === null) {
    const page = await readHistory(call, { limit, cursor });
    const lines = page.lines.map((line) => ({ number: line.number, ...lineOnWire(line) }));
    return cursorPage(lines, { limit, cursor: page.cursor });
  }
  // Numbers and cursors of the store would tell how many lines others have, so all are read.
  const seen = await seenHistory(call);
  const from = cursor === undefined
    ? 0
    : 1 + seen.findLastIndex((line) => changeKey(line) === cursor);
  if (cursor !== undefined && from === 0) {
    // What came after it in the list is gone too.
    if (!KEY.test(cursor)) throw badRequest("'cursor' must come from the page before");
    return cursorPage([], { limit });
  }
  const lines = seen.slice(from, from + limit);
  const isLast = from + limit >= seen.length;
  return cursorPage(lines.map(lineOnWire), {
    limit,
    cursor: isLast ? undefined : changeKey(lines.at(-1)!),
  });
}

async function readHistory(
  { desk }: Call,
  page: { readonly limit: number; readonly cursor: string | undefined },
): Promise<{ lines: readonly HistoryLine[]; cursor: string | undefined }> {
  const { entries, cursor } = await (await desk.store()).trail(ALERT_TRAIL, page);
  const lines = entries.map(({ number, text }): HistoryLine => ({ number, ...JSON.parse(text) }));
  return { lines, cursor };
}

/** The history as far as whoever asks sees it. */
async function seenHistory(call: Call): Promise<readonly HistoryLine[]> {
  const seen: HistoryLine[] = [];
  let cursor: string | undefined;
  do {
    const page = await readHistory(call, { limit: READ_AT_ONCE, cursor });
    seen.push(...page.lines.filter(({ alert }) => isSeen(call, alert)));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return seen;
}

function lineOnWire({ change, at, alert }: HistoryLine): object {
  return { event: change, at_ms: at, alert: alertOnWire(alert) };
}
