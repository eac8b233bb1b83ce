/** A monitor with routes of a test's own, and all that stands in front of them. */

import { type Clock, systemClock } from "../../../src/clock.ts";
import type { Monitor } from "../../../mod.ts";
import { noAuth } from "../../../src/monitor/auth/auth.ts";
import type { Desk } from "../../../src/monitor/desk.ts";
import { Handler, type HandlerOptions } from "../../../src/monitor/handler.ts";
import { type Route, Router } from "../../../src/monitor/route.ts";
import { memoryStore } from "../../../src/store/memory/store.ts";
import { CollectingLogger } from "../../support/collecting_logger.ts";

/** What is not as usual. */
export interface OwnOptions extends Partial<Omit<HandlerOptions, "desk" | "router">> {
  readonly clock?: Clock;
  readonly auth?: Desk["auth"];
  /** Those who look on. */
  readonly live?: Desk["live"];
}

/** A monitor, and what it logs. */
export interface OwnMonitor extends Monitor {
  readonly logger: CollectingLogger;
}

/** Makes a monitor of routes. They may read the request and what it says, and the store. */
export function ownMonitor(routes: readonly Route[], options: OwnOptions = {}): OwnMonitor {
  const { clock = systemClock, auth = noAuth, live, ...rest } = options;
  const logger = new CollectingLogger();
  const store = memoryStore();
  const desk = { store: () => store.open().then(() => store), clock, auth, live, logger };
  const handler = new Handler({
    ...{ rates: undefined, proxies: 0, cors: undefined, pages: undefined, ...rest },
    desk: desk as unknown as Desk,
    router: new Router(routes),
  });
  const close = (): Promise<void> => store.close();
  return {
    fetch: (request, info) => handler.fetch(request, info),
    isOpenToAll: auth.isOff,
    close,
    [Symbol.asyncDispose]: close,
    logger,
  };
}

/** A route that answers what it got. */
export const echo: Route = {
  method: "POST",
  path: "/echo",
  access: "admin",
  summary: "Answers what it got",
  answer: {},
  handle: async (call) => ({ body: await call.json() }),
};

/** A route that answers as it is told. */
export function answering(path: string, handle: Route["handle"]): Route {
  return { method: "GET", path, access: "viewer", summary: path, answer: {}, handle };
}
