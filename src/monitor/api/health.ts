/**
 * Whether it works: for load balancers and supervisors.
 *
 * @module
 */

import { endsWithin } from "../../clock.ts";
import type { Answer } from "../answer.ts";
import type { Call } from "../call.ts";
import type { Desk } from "../desk.ts";
import { goDuration } from "../wire/duration.ts";
import type { Route } from "../route.ts";
import { boolean, object, oneOf, text } from "../schema.ts";

/** Longest wait for the store, in milliseconds. */
const PATIENCE_MS = 2000;

/** Health and readiness. */
export const healthRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/health",
    access: "open",
    summary: "Whether the monitor lives, and its store answers",
    description: "Answers 200 whatever the store does, or with `strictHealth` 503 when it is away.",
    answer: {
      otherStatuses: [503],
      body: object({ status: oneOf("ok", "degraded"), redis: boolean, uptime: text }),
    },
    isUnlimited: true,
    handle: async ({ desk }: Call): Promise<Answer> => {
      const isThere = await answers(desk);
      const uptime = goDuration(desk.clock.mono() - desk.startedAt);
      return {
        status: isThere || !desk.strictHealth ? 200 : 503,
        // Named as in GQM (Go), whatever the store is.
        body: { status: isThere ? "ok" : "degraded", redis: isThere, uptime },
      };
    },
  },
  {
    method: "GET",
    path: "/ready",
    access: "open",
    summary: "Whether requests can be answered: 503 while the store is away",
    answer: { otherStatuses: [503], body: object({ ready: boolean }) },
    isUnlimited: true,
    handle: async ({ desk }: Call): Promise<Answer> => {
      const ready = await answers(desk);
      return { status: ready ? 200 : 503, body: { ready } };
    },
  },
];

/** Looks that are under way. */
const looks = new WeakMap<Desk, Promise<boolean>>();

/** Whether the store answers in time. Those who ask meanwhile share a look: nobody has to log in for it. */
function answers(desk: Desk): Promise<boolean> {
  const shared = looks.get(desk);
  if (shared !== undefined) return shared;
  const look = lookAt(desk).finally(() => looks.delete(desk));
  looks.set(desk, look);
  return look;
}

async function lookAt(desk: Desk): Promise<boolean> {
  let isThere = false;
  const asked = desk.store().then((store) => store.paused()).then(
    () => void (isThere = true),
    () => {},
  );
  return await endsWithin(desk.clock, asked, PATIENCE_MS) && isThere;
}
