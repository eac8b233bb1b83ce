/**
 * The demo's dashboard: where it is served, and in a browser if that is asked for.
 *
 * @module
 */

import { ServeError } from "../../monitor/serve_error.ts";
import type { Server } from "../../run/server.ts";
import { openInBrowser } from "../../runtime/browser.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { type DemoJobs, demoServer, type DemoServerOptions } from "./jobs.ts";

/** How the dashboard is served. */
export interface DashboardPlace {
  /** Its port; undefined for the usual one, or another if that is taken. */
  readonly port: number | undefined;
  /** Whether a browser is told to open it. */
  readonly open: boolean;
}

const USUAL_PORT = 8080;

/**
 * Starts the demo's server, with the dashboard on it.
 *
 * @param place Where; undefined for no dashboard.
 * @throws {ServeError} If the port that was asked for is taken.
 */
export async function startDemoServer(
  options: Omit<DemoServerOptions, "addr">,
  place: DashboardPlace | undefined,
  terminal: Terminal,
): Promise<Server<DemoJobs>> {
  const ports = place?.port === undefined ? [USUAL_PORT, 0] : [place.port];
  const server = place === undefined
    ? await started(demoServer(options))
    : await startOnOneOf(ports, options);
  if (server.api === undefined) return server;
  const url = `${server.api.url}/dashboard/`;
  terminal.out(`Dashboard: ${url} (this machine only, without a login)\n`);
  if (place?.open && !await openInBrowser(url)) terminal.err(`No browser opens: go to ${url}\n`);
  return server;
}

async function startOnOneOf(
  [port, ...others]: readonly number[],
  options: Omit<DemoServerOptions, "addr">,
): Promise<Server<DemoJobs>> {
  try {
    return await started(demoServer({ ...options, addr: `127.0.0.1:${port}` }));
  } catch (error) {
    if (!(error instanceof ServeError) || others.length === 0) throw error;
    return await startOnOneOf(others, options);
  }
}

async function started(server: Server<DemoJobs>): Promise<Server<DemoJobs>> {
  await server.start();
  return server;
}
