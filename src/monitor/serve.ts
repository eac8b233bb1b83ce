/**
 * Serves a monitor over HTTP, on Deno, Bun and Node.
 *
 * @module
 */

import { checkKeys } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { serveHttp, type TlsOptions } from "../runtime/serve.ts";
import { type Addr, DEFAULT_ADDR, formatAddr, isLocal, parseAddr } from "./addr.ts";
import type { Monitor } from "./monitor.ts";
import { ServeError } from "./serve_error.ts";

/** Where a monitor is served. */
export interface ServeMonitorOptions {
  /**
   * Host and port with a colon between: `:8080` for all addresses of the machine, `127.0.0.1:8080`,
   * `[::1]:8080`. Port 0 stands for one that is free.
   * @default {":8080"}
   */
  readonly addr?: string;
  /** Serves over TLS. @default {without} */
  readonly tls?: TlsOptions;
  /** Ends it when it aborts. */
  readonly signal?: AbortSignal;
}

/** A monitor that is served. */
export interface ServedMonitor extends AsyncDisposable {
  /** Where it listens, with its port. */
  readonly addr: string;
  /** Its URL for this machine, such as `http://127.0.0.1:8080`. */
  readonly url: string;

  /**
   * Takes no more connections, ends streams of events, waits up to 5 s for what else is being answered,
   * and cuts off the rest. The monitor itself stays open. Repeat: the same promise.
   */
  close(): Promise<void>;
}

/** Longest wait for what is being answered, in milliseconds. */
const CLOSE_MS = 5000;
const ACTION = "serve monitor";

/**
 * Serves a monitor over HTTP.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule; or if nobody has to log
 *   in, and others than this machine could reach it.
 * @throws {ServeError} If the address cannot be listened at.
 *
 * @example
 * ```ts
 * import { createMonitor, memoryStore, serveMonitor } from "@gqm/gqm";
 * import { equal } from "node:assert/strict";
 *
 * await using monitor = createMonitor({ store: memoryStore(), auth: "none" });
 * await using served = await serveMonitor(monitor, { addr: "127.0.0.1:0" });
 * const response = await fetch(`${served.url}/health`);
 * equal((await response.json()).status, "ok");
 * ```
 */
export async function serveMonitor(
  monitor: Monitor,
  options: ServeMonitorOptions = {},
): Promise<ServedMonitor> {
  checkKeys(ACTION, options, ["addr", "tls", "signal"]);
  const { addr = DEFAULT_ADDR, tls, signal } = options;
  const at = parseAddr(addr);
  if (tls !== undefined) checkTls(tls);
  if (monitor.isOpenToAll && !isLocal(at)) {
    const rule = "be of this machine alone, such as '127.0.0.1:8080', where nobody has to log in";
    throw new InvalidOptionError(ACTION, "addr", rule, addr);
  }
  signal?.throwIfAborted();
  const closing = new AbortController();
  const server = await serveHttp({
    ...at,
    tls,
    respond: (request, remoteAddr) => {
      const info = { closing: closing.signal };
      return monitor.fetch(request, remoteAddr === undefined ? info : { ...info, remoteAddr });
    },
  }).catch((error) => {
    throw new ServeError(addr, error);
  });
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    signal?.removeEventListener("abort", close);
    closing.abort();
    return closed ??= server.close(CLOSE_MS);
  };
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted) close();
  const bound = { ...at, port: server.port };
  return {
    addr: formatAddr(bound),
    url: urlOf(bound, tls === undefined ? "http" : "https"),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function checkTls(tls: TlsOptions): void {
  const names = typeof tls === "object" && tls !== null ? Object.keys(tls) : [];
  if (names.length === 2 && typeof tls.cert === "string" && typeof tls.key === "string") return;
  // What they are is nobody's business.
  throw new InvalidOptionError(ACTION, "tls", "have 'cert' and 'key' alone, as PEM texts", names);
}

function urlOf(at: Addr, scheme: string): string {
  const isEverywhere = at.hostname === undefined || at.hostname === "0.0.0.0" ||
    at.hostname === "::";
  return `${scheme}://${formatAddr(isEverywhere ? { ...at, hostname: "localhost" } : at)}`;
}
