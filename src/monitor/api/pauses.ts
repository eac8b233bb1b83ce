/**
 * Pausing types, in all queues or in one; and all that is paused. Queues are paused in `api/queues.ts`.
 *
 * @module
 */

import type { PauseOptions } from "../../control/control.ts";
import { type Answer, cursorPage, done } from "../answer.ts";
import { needAllQueues } from "../auth/principal.ts";
import type { Call } from "../call.ts";
import { ApiError } from "../errors.ts";
import { pageAfter } from "../page_after.ts";
import { cursorRule, limitRule, queueParam, typeParam } from "../params.ts";
import { queueOfPath } from "../queues.ts";
import type { Route } from "../route.ts";
import {
  cursorPaged,
  described,
  nullable,
  object,
  oneOf,
  type Schema,
  text,
  yes,
} from "../schema.ts";

/** Most things that are paused through the API, as every claim looks at them. */
const MOST_PAUSED = 1000;

const everywhere = { type: typeParam };
const inQueue = { name: queueParam, type: typeParam };

const switchedSchema: Schema = object({
  ok: yes,
  "queue?": text,
  type: text,
  status: described(
    oneOf("paused", "active"),
    "How it stands now: what is resumed may still be paused by another switch",
  ),
});

const ofType =
  "Each switch is one of its own: a job starts when neither its queue, nor its type, " +
  "nor its type in its queue is paused. What runs goes on.";

/** Pauses. */
export const pauseRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/v1/paused",
    access: "viewer",
    summary: "What is paused: queues, types, and types in a queue",
    description: "Who sees some queues alone is told of a type that is paused in all if one of " +
      "theirs holds jobs of it.",
    query: { limit: limitRule, cursor: cursorRule },
    answer: {
      body: cursorPaged(object({
        queue: described(nullable(text), "Null for all queues"),
        type: described(nullable(text), "Null for all types of the queue"),
      })),
    },
    handle: listPaused,
  },
  {
    method: "POST",
    path: "/api/v1/types/{type}/pause",
    access: "operator",
    summary: "Pauses a type in all queues: no job of it is started",
    description: `${ofType} For those who see all queues.`,
    params: everywhere,
    answer: { body: switchedSchema },
    errors: ["CONFLICT"],
    change: "type.pause",
    handle: (call): Promise<Answer> => switchTo(call, typeOfPath(call), true),
  },
  {
    method: "POST",
    path: "/api/v1/types/{type}/resume",
    access: "operator",
    summary: "Resumes a type in all queues",
    description: "For those who see all queues.",
    params: everywhere,
    answer: { body: switchedSchema },
    change: "type.resume",
    handle: (call): Promise<Answer> => switchTo(call, typeOfPath(call), false),
  },
  {
    method: "POST",
    path: "/api/v1/queues/{name}/types/{type}/pause",
    access: "operator",
    summary: "Pauses a type in one queue",
    description: ofType,
    params: inQueue,
    answer: { body: switchedSchema },
    errors: ["NOT_FOUND", "CONFLICT"],
    change: "type.pause",
    handle: async (call): Promise<Answer> => switchTo(call, await typeInQueueOfPath(call), true),
  },
  {
    method: "POST",
    path: "/api/v1/queues/{name}/types/{type}/resume",
    access: "operator",
    summary: "Resumes a type in one queue",
    params: inQueue,
    answer: { body: switchedSchema },
    errors: ["NOT_FOUND"],
    change: "type.resume",
    handle: async (call): Promise<Answer> => switchTo(call, await typeInQueueOfPath(call), false),
  },
];

function typeOfPath({ who, params }: Call): PauseOptions {
  needAllQueues(who);
  return { type: params.type };
}

async function typeInQueueOfPath(call: Call): Promise<PauseOptions> {
  const { queue } = await queueOfPath(call);
  return { queue, type: call.params.type };
}

async function switchTo(
  { desk: { control } }: Call,
  target: PauseOptions,
  paused: boolean,
): Promise<Answer> {
  if (paused) {
    const count = (await control.paused()).filter((one) => !isSame(one, target)).length;
    if (count >= MOST_PAUSED) {
      throw new ApiError("CONFLICT", `at most ${MOST_PAUSED} things can be paused at a time`);
    }
    await control.pause(target);
  } else {
    await control.resume(target);
  }
  const status = paused || await control.isPaused(target) ? "paused" : "active";
  return done({ ...target, status });
}

function isSame(one: PauseOptions, other: PauseOptions): boolean {
  return one.queue === other.queue && one.type === other.type;
}

async function listPaused(call: Call): Promise<Answer> {
  const limit = call.query.number("limit", limitRule);
  const seen = await seenPaused(call, await call.desk.control.paused());
  const shown = seen.map(({ queue = null, type = null }) => ({ queue, type }));
  const keyOf = ({ queue, type }: typeof shown[number]): string => JSON.stringify([queue, type]);
  const { items, cursor } = pageAfter(shown, keyOf, { limit, cursor: call.query.get("cursor") });
  return cursorPage(items, { limit, cursor });
}

async function seenPaused(
  call: Call,
  paused: readonly PauseOptions[],
): Promise<readonly PauseOptions[]> {
  if (call.who.queues === null) return paused;
  const isAnyEverywhere = paused.some(({ queue }) => queue === undefined);
  const counts = isAnyEverywhere ? await (await call.desk.store()).counts() : [];
  const types = new Set(counts.filter(({ queue }) => call.sees(queue)).map(({ type }) => type));
  return paused.filter(({ queue, type }) => {
    return queue === undefined ? types.has(type!) : call.sees(queue);
  });
}
