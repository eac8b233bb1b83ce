/**
 * A server as a configuration describes it, and what code says beside it.
 *
 * @module
 */

import type { LimitedBy, LimitOptions } from "../control/limits.ts";
import type { AnyJobs, JobMap } from "../job/registry.ts";
import type { ScheduleOptions } from "../schedule/options.ts";
import type { ApiOptions } from "./open_api.ts";
import type { PoolOptions } from "./pool_plan.ts";
import type { ServerOptions } from "./server_options.ts";

/** A limit that is set when a server starts. */
export interface ConfiguredLimit {
  /** What it limits. */
  readonly target: LimitedBy;
  /** How far. */
  readonly limits: LimitOptions;
}

/**
 * A server as data, for `Server.fromConfig`. `loadConfig` of `@gqm/gqm/config` makes it of a
 * `gqm.yaml`.
 */
export interface ServerConfig {
  /** Its options. */
  readonly server: Omit<ServerOptions, "jobs" | "schedules">;
  /** Its pools. */
  readonly pools: readonly PoolOptions[];
  /**
   * Its schedules, by id. Those of the same scope that the configuration has no more are removed
   * when the server starts; absent: none are.
   */
  readonly schedules?: Readonly<Record<string, ScheduleOptions>>;
  /** Its limits: set when the server starts, where the store has others. */
  readonly limits: readonly ConfiguredLimit[];
  /** What whoever wrote it should know: the server logs it. */
  readonly notes: readonly string[];
}

/** What code says beside a configuration: it wins, option by option. */
export interface ConfigOverrides<J extends JobMap = AnyJobs> extends Omit<ServerOptions<J>, "api"> {
  /** Options of the monitor, which win one by one; false for none. */
  readonly api?: Partial<ApiOptions> | false;
}
