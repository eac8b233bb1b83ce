/**
 * Serves HTTP by what the platform has for it: `Deno.serve`, `Bun.serve`, else `node:http`.
 *
 * @module
 */

import { type BunHttp, serveOnBun } from "./serve_bun.ts";
import { type DenoHttp, serveOnDeno } from "./serve_deno.ts";

/** A certificate and its key, as PEM texts. */
export interface TlsOptions {
  /** The certificate, with those between it and the root. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

/** Answers a request, whose other end has an address. */
export type Respond = (request: Request, remoteAddr: string | undefined) => Promise<Response>;

/** What is served, and where. */
export interface HttpOptions {
  /** An address of this machine, or a name of it; undefined for all its addresses. */
  readonly hostname: string | undefined;
  /** 0 for one that is free. */
  readonly port: number;
  /** Serves over TLS. */
  readonly tls?: TlsOptions | undefined;
  /** Answers requests. Must not reject. */
  readonly respond: Respond;
}

/** What is served, at one address. */
export interface HttpListening extends HttpOptions {
  readonly hostname: string;
}

/** A server of HTTP that listens. */
export interface HttpServer {
  /** The port at which it listens. */
  readonly port: number;
  /** Takes no more connections, waits for what is being answered, and cuts off what then is left. */
  close(withinMs: number): Promise<void>;
}

/** Longest time that the head of a request may take; its body may take as long again. On Node. */
export const READ_MS = 10_000;
/** Longest time in which nothing moves while an answer is made and sent. On Node and Bun. */
export const WRITE_MS = 30_000;
/** Longest time between two requests of a connection. On Node; on Bun it is `WRITE_MS`. */
export const IDLE_MS = 60_000;

/**
 * Serves HTTP. Deno has no limits of time of its own.
 *
 * @throws What the platform throws where it cannot listen.
 */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const { Deno, Bun } = globalThis as unknown as {
    readonly Deno?: DenoHttp;
    readonly Bun?: BunHttp;
  };
  if (Deno !== undefined) return onAll(options, (listening) => serveOnDeno(Deno, listening));
  if (Bun !== undefined) return onAll(options, (listening) => serveOnBun(Bun, listening));
  const { serveOnNode } = await import("./serve_node.ts");
  return await serveOnNode(options);
}

/** Listens at the address, or at all: of IPv6 and IPv4, or of IPv4 alone where there is no other. */
function onAll(options: HttpOptions, listen: (at: HttpListening) => HttpServer): HttpServer {
  const { hostname } = options;
  if (hostname !== undefined) return listen({ ...options, hostname });
  try {
    return listen({ ...options, hostname: "::" });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "EADDRINUSE") throw error;
    return listen({ ...options, hostname: "0.0.0.0" });
  }
}
