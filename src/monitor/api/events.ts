/**
 * What happens, as it happens.
 *
 * @module
 */

import { isJobId } from "../../job/names.ts";
import { ownSession } from "../auth/logins.ts";
import type { Call } from "../call.ts";
import { badRequest, notFound } from "../errors.ts";
import { type LiveEventName, liveEventNames, liveEvents } from "../live/events.ts";
import { STREAM_TYPE } from "../live/sse.ts";
import { jobIdParam, queueRule, typeRule } from "../params.ts";
import { networkOf } from "../remote.ts";
import type { Route } from "../route.ts";
import { text } from "../schema.ts";

const LAST_ID = {
  description: "The `id` of the last event seen: goes on after it, or begins with `gap`",
  schema: text,
};

/** Streams of events. */
export const eventRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/events",
    access: "viewer",
    summary: "What happens, as it happens: a stream of Server-Sent Events",
    description:
      "Begins with how things stand. Every 15 s there is a comment at least. It ends with the " +
      "session, after an hour, or when the client reads too slowly; with `Last-Event-ID`, which " +
      "browsers send by themselves, the next one goes on where it ended, if that is less than about a " +
      "minute ago; an event may come twice then. A client that has no such header says it in the query.",
    query: {
      events: {
        description: `Names of events, with commas between: ${liveEventNames.join(", ")}; all ` +
          "unless said otherwise, with `job` only `jobs`. `store` and `gap` come in any case",
        schema: text,
      },
      queue: queueRule,
      type: typeRule,
      job: { description: "Only of the job with this id", schema: jobIdParam.schema },
      last_event_id: LAST_ID,
    },
    headers: { "last-event-id": LAST_ID },
    answer: { events: liveEvents },
    errors: ["NOT_FOUND", "UNAVAILABLE"],
    handle: stream,
  },
];

async function stream(call: Call): Promise<Response> {
  const { request, query, who, client, closing, desk } = call;
  const queue = query.queue();
  if (queue !== undefined && !call.sees(queue)) throw notFound("queue");
  const job = query.get("job");
  if (job !== undefined && !isJobId(job)) throw badRequest("invalid id");
  const body = desk.live.join({
    view: { who, events: eventsOf(call, job), queue, type: query.type(), job },
    network: networkOf(client ?? ""),
    session: who.by === "session" ? await ownSession(request) : undefined,
    closing,
    after: request.headers.get("last-event-id") || query.get("last_event_id"),
  });
  // Some proxies hold back what they are not told to hand on.
  const headers = { "content-type": STREAM_TYPE, "x-accel-buffering": "no" };
  return new Response(body, { headers });
}

function eventsOf({ query }: Call, job: string | undefined): ReadonlySet<LiveEventName> {
  const asked = query.get("events")?.split(",");
  if (asked === undefined) return new Set(job === undefined ? liveEventNames : ["jobs"]);
  const known = asked.filter((name): name is LiveEventName =>
    (liveEventNames as readonly string[]).includes(name)
  );
  if (known.length === asked.length) return new Set(known);
  throw badRequest(`'events' must be some of ${liveEventNames.join(", ")}`);
}
