/**
 * Serves HTTP on Bun.
 *
 * @module
 */

import { endsWithin, systemClock } from "../clock.ts";
import { type HttpListening, type HttpServer, WRITE_MS } from "./serve.ts";

/** Bun, as far as it is needed here. */
export interface BunHttp {
  serve(options: object): BunServer;
}

interface BunServer {
  readonly port: number;
  requestIP(request: Request): { readonly address: string } | null;
  stop(cut?: boolean): Promise<void>;
}

/** Serves HTTP by `Bun.serve`. */
export function serveOnBun(
  bun: BunHttp,
  { hostname, port, tls, respond }: HttpListening,
): HttpServer {
  const server = bun.serve({
    hostname,
    port,
    tls,
    development: false,
    reusePort: false, // which Bun does otherwise, outside development, so that nobody hears of a port in use
    idleTimeout: WRITE_MS / 1000,
    fetch: (request: Request, server: BunServer) =>
      respond(request, server.requestIP(request)?.address),
  });
  return {
    port: server.port,
    close: async (withinMs) => {
      if (!await endsWithin(systemClock, server.stop(), withinMs)) await server.stop(true);
    },
  };
}
