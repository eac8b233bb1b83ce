/**
 * Serves HTTP on Deno.
 *
 * @module
 */

import { endsWithin, systemClock } from "../clock.ts";
import type { HttpListening, HttpServer } from "./serve.ts";

/** Deno, as far as it is needed here. */
export interface DenoHttp {
  serve(
    options: object,
    handler: (request: Request, info: DenoInfo) => Promise<Response>,
  ): DenoServer;
}

interface DenoInfo {
  readonly remoteAddr: { readonly hostname: string };
  /** Settles when the answer has been made, or cannot be. */
  readonly completed: Promise<void>;
}

interface DenoServer {
  readonly addr: { readonly port: number };
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
  unref(): void;
}

/** Serves HTTP by `Deno.serve`. */
export function serveOnDeno(
  deno: DenoHttp,
  { hostname, port, tls, respond }: HttpListening,
): HttpServer {
  const cutting = new AbortController();
  const answering = new Set<Promise<unknown>>();
  let isClosing = false;
  const handler = (request: Request, info: DenoInfo): Promise<Response> => {
    if (isClosing) {
      return Promise.resolve(new Response(null, { status: 503, headers: { connection: "close" } }));
    }
    const made: Promise<unknown> = info.completed.catch(() => {}).then(() =>
      answering.delete(made)
    );
    answering.add(made);
    return respond(request, info.remoteAddr.hostname);
  };
  const server = deno.serve(
    { hostname, port, ...tls, signal: cutting.signal, onListen: () => {} },
    handler,
  );
  return {
    port: server.addr.port,
    close: async (withinMs) => {
      isClosing = true;
      const end = systemClock.mono() + withinMs;
      // What `shutdown` waits for cannot be cut off any more, so it comes when there is little to wait for.
      if (!await endsWithin(systemClock, Promise.all(answering), withinMs)) {
        cutting.abort();
        return await server.finished;
      }
      server.shutdown();
      if (await endsWithin(systemClock, server.finished, end - systemClock.mono())) return;
      server.unref(); // somebody does not take their answer
    },
  };
}
