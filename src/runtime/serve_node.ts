/**
 * Serves HTTP on Node.
 *
 * @module
 */

import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { endsWithin, systemClock } from "../clock.ts";
import { answer } from "./node_exchange.ts";
import { type HttpOptions, type HttpServer, IDLE_MS, READ_MS, WRITE_MS } from "./serve.ts";

/** How often limits of time are looked at. */
const CHECK_MS = 1000;

/** Serves HTTP by `node:http`, or `node:https`. */
export async function serveOnNode(
  { hostname, port, tls, respond }: HttpOptions,
): Promise<HttpServer> {
  const limits = {
    headersTimeout: READ_MS,
    requestTimeout: 2 * READ_MS,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: CHECK_MS,
  };
  const server: Server = tls === undefined
    ? createServer(limits)
    : createTlsServer({ ...limits, ...tls });
  server.timeout = WRITE_MS;
  let isClosing = false;
  const scheme = tls === undefined ? "http" : "https";
  server.on("request", (message, res) => {
    answer(message, res, { scheme, respond, isLast: () => isClosing, writeMs: WRITE_MS });
  });
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen({ host: hostname, port }, listening.resolve);
  await listening.promise;
  server.off("error", listening.reject);
  return {
    port: (server.address() as AddressInfo).port,
    close: async (withinMs) => {
      isClosing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if (!await endsWithin(systemClock, closed, withinMs)) server.closeAllConnections();
      await closed;
    },
  };
}
