/**
 * Serves the monitor beside the workers of a server. Its code is loaded when it is asked for.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { ProcessMetrics } from "../metrics/process_metrics.ts";
import type { DashboardOptions } from "../monitor/dashboard/options.ts";
import type { MonitorOptions } from "../monitor/options.ts";
import type { ServeMonitorOptions } from "../monitor/serve.ts";
import type { Store } from "../store/store.ts";
import type { Tracing } from "../tracing.ts";

export type { DashboardOptions };

/** The monitor of a server: who may do what, and where it is served. */
export interface ApiOptions
  extends
    Omit<MonitorOptions, "store" | "dashboard" | "tracing" | "logger" | "logLevel" | "clock">,
    Omit<ServeMonitorOptions, "signal"> {}

/** Where the monitor of a server is served. */
export interface ServedApi {
  /** Host and port, such as `127.0.0.1:8080`. */
  readonly addr: string;
  /** Its URL for this machine. */
  readonly url: string;
}

/** The monitor of a server, while it is served. */
export interface OpenedApi extends ServedApi {
  /** Ends it. */
  close(): Promise<void>;
}

/** Whether the monitor of a server, if it has one, gives metrics. */
export function hasMetrics(api: ApiOptions | undefined): boolean {
  return api !== undefined && api.metrics !== false;
}

/**
 * Serves it.
 *
 * @param own What it shares with the server. `metrics`: what the process counts.
 * @throws As `createMonitor` and `serveMonitor` do.
 */
export async function openApi(
  { addr, tls, ...options }: ApiOptions,
  { metrics, ...own }: {
    readonly store: Store;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: ProcessMetrics | undefined;
    readonly tracing: Tracing | undefined;
    readonly dashboard: boolean | DashboardOptions | undefined;
  },
): Promise<OpenedApi> {
  for (const [name, value] of Object.entries(options)) {
    if (!["store", "dashboard", "tracing", "logger", "logLevel", "clock"].includes(name)) continue;
    const rule = "not be given: it is the server's";
    throw new InvalidOptionError("start server", `api.${name}`, rule, value);
  }
  const { openMonitor } = await import("../monitor/monitor.ts");
  const { serveMonitor } = await import("../monitor/serve.ts");
  const monitor = openMonitor({ ...options, ...own }, metrics);
  const at = { ...addr !== undefined && { addr }, ...tls !== undefined && { tls } };
  const served = await serveMonitor(monitor, at).catch(async (error: unknown) => {
    await monitor.close();
    throw error;
  });
  monitor.resume();
  const close = async (): Promise<void> => {
    await served.close();
    await monitor.close();
  };
  return { addr: served.addr, url: served.url, close };
}
