/**
 * What a server is told before it starts, and what it works with.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { EventBus } from "../events/bus.ts";
import { serverEvents } from "../events/event.ts";
import type { JobMap } from "../job/registry.ts";
import { loggerOf } from "../logger.ts";
import { ScheduleSet } from "../schedule/schedule_set.ts";
import { StoreUse } from "../store/open.ts";
import type { ServerEvents } from "./attempt_events.ts";
import type { Gate } from "./gate.ts";
import type { Middleware } from "./handler.ts";
import { HandlerSet } from "./handler_set.ts";
import type { AfterHook, BeforeHook } from "./hooks.ts";
import type { WorkSetup } from "./open_work.ts";
import type { PoolOptions } from "./pool_plan.ts";
import type { ConfiguredLimit } from "./server_config.ts";
import { newServerId } from "./server_id.ts";
import { checkServerOptions, type ServerOptions } from "./server_options.ts";

/** What a server is told, and what it works with. */
export interface ServerSetup<J extends JobMap> extends WorkSetup<J> {
  readonly pools: PoolOptions[];
  readonly middleware: Middleware[];
  readonly before: BeforeHook[];
  readonly after: AfterHook[];
  readonly limits: ConfiguredLimit[];
  readonly gate: Gate;
  readonly events: ServerEvents;
  /** Aborts when whoever waits for results is to be let go. */
  readonly closing: AbortSignal;
}

/**
 * Begins with the options of a server.
 *
 * @throws As the constructor of `Server` does.
 */
export function newSetup<J extends JobMap>(
  options: ServerOptions<J>,
  { gate, closing }: Pick<ServerSetup<J>, "gate" | "closing">,
): ServerSetup<J> {
  checkServerOptions(options);
  const { clock = systemClock, retention } = options;
  const logger = loggerOf(options);
  return {
    server: newServerId(),
    options,
    clock,
    logger,
    use: new StoreUse(options.store, { retention, logger }),
    handlers: new HandlerSet(options.jobs, logger),
    pools: [],
    middleware: [],
    before: [],
    after: [],
    schedules: new ScheduleSet(options, logger),
    limits: [],
    gate,
    events: new EventBus({ names: serverEvents, logger, now: () => clock.now() }),
    closing,
  };
}
