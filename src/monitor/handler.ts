/**
 * From a request to a response:
 *
 *     guard -> rate -> route -> who -> role -> csrf -> names -> do -> audit
 *
 * Each step answers by itself or hands on. Whatever happens, there is a response, with the
 * headers of all, and no word of what is inside.
 *
 * @module
 */

import { type Answer, errorAnswer, plainResponse, toResponse } from "./answer.ts";
import { addToAudit, logRefused } from "./audit.ts";
import { mayUse, type Principal } from "./auth/principal.ts";
import { Call } from "./call.ts";
import type { Cors } from "./cors.ts";
import { checkCsrf } from "./csrf.ts";
import type { Desk } from "./desk.ts";
import { ApiError, badRequest, toApiError } from "./errors.ts";
import type { Pages } from "./dashboard/pages.ts";
import { setHeaders } from "./headers.ts";
import { STREAM_TYPE } from "./live/sse.ts";
import { Query } from "./params.ts";
import type { RateLimiter } from "./rate_limit.ts";
import {
  clientOf,
  type ConnectionInfo,
  isForwarded,
  isLoopback,
  isLoopbackHost,
  networkOf,
  peerOf,
} from "./remote.ts";
import type { Route, Router } from "./route.ts";

/** What a handler works with. */
export interface HandlerOptions {
  readonly desk: Desk;
  readonly router: Router;
  /** Undefined for none. */
  readonly rates: RateLimiter | undefined;
  /** How many trusted proxies stand in front. */
  readonly proxies: number;
  /** Undefined where pages of other origins may do nothing. */
  readonly cors: Cors | undefined;
  /** The dashboard; undefined for none. */
  readonly pages: Pages | undefined;
}

/** A request on its way. */
interface Incoming {
  readonly request: Request;
  readonly url: URL;
  readonly client: string | undefined;
  readonly closing: AbortSignal | undefined;
}

/** Answers requests. */
export class Handler {
  readonly #options: HandlerOptions;
  #warnedOfProxy = false;

  /** @param options What it works with. */
  constructor(options: HandlerOptions) {
    this.#options = options;
  }

  /** Answers a request. Does not reject. */
  async fetch(request: Request, info?: ConnectionInfo): Promise<Response> {
    const url = URL.parse(request.url);
    const response = url === null
      ? plainResponse(400, "400 Bad Request")
      : await this.#respond(request, url, info);
    setHeaders(response.headers, url?.pathname ?? "");
    this.#options.cors?.mark(response.headers, request);
    return request.method === "HEAD" ? await withoutBody(response) : response;
  }

  async #respond(request: Request, url: URL, info?: ConnectionInfo): Promise<Response> {
    try {
      if (!HOST.test(request.headers.get("host") ?? "")) throw badRequest("invalid Host header");
      const peer = peerOf(request, info);
      this.#guard(request, url, peer);
      this.#warnOfProxy(request);
      const client = clientOf(request, peer, this.#options.proxies);
      return await this.#route({ request, url, client, closing: info?.closing });
    } catch (error) {
      return this.#failed(error, url);
    }
  }

  /** Where nobody has to log in, only this machine is served, under a name that is surely its own. */
  #guard(request: Request, url: URL, peer: string | undefined): void {
    if (!this.#options.desk.auth.isOff) return;
    const host = hostOf(request.headers.get("host")) ?? url.hostname;
    const isPeerHere = peer !== undefined && isLoopback(peer);
    if (isPeerHere && isLoopbackHost(host) && !isForwarded(request)) return;
    const rule = "without 'auth', the monitor serves only this machine, by the name of localhost";
    throw new ApiError("FORBIDDEN", `${rule}: give users or API keys to serve others`);
  }

  /** Tells once that there seems to be a proxy: whoever comes by it would count as one client. */
  #warnOfProxy(request: Request): void {
    const { proxies, desk } = this.#options;
    if (proxies > 0 || this.#warnedOfProxy || !isForwarded(request)) return;
    this.#warnedOfProxy = true;
    const message = "Requests come by a proxy that is not trusted: its clients count as one";
    desk.logger.warn(message, { option: "trustProxy" });
  }

  async #route(incoming: Incoming): Promise<Response> {
    const { request, url, client } = incoming;
    const { router, rates, cors, pages } = this.#options;
    const page = await pages?.respond(request, url);
    if (page !== undefined) return page;
    const match = router.match(request.method, url.pathname);
    if (rates !== undefined && !(match.kind === "found" && match.route.isUnlimited)) {
      rates.take(networkOf(client ?? ""));
    }
    switch (match.kind) {
      case "unknown":
        return plainResponse(404, "404 page not found");
      case "wrongMethod":
        return cors?.preflight(request, match.allowed) ??
          plainResponse(405, "Method Not Allowed", { allow: match.allowed.join(", ") });
      case "malformed":
        throw badRequest("the path cannot be decoded");
      case "found":
        return await this.#call(match.route, match.params, incoming);
    }
  }

  async #call(
    route: Route,
    params: Readonly<Record<string, string>>,
    { request, url, client, closing }: Incoming,
  ): Promise<Response> {
    const { desk } = this.#options;
    const who = await this.#identify(route, request, client);
    if (!mayUse(who.role, route.access)) {
      throw new ApiError("FORBIDDEN", `this needs the role '${route.access}'`);
    }
    if (route.method !== "GET" && route.access !== "open") checkCsrf(request, who);
    for (const [name, value] of Object.entries(params)) {
      if (!route.params![name]!.accepts(value)) throw badRequest(`invalid ${name}`);
    }
    const query = new Query(url.searchParams);
    const call = new Call({ request, params, query, who, client, closing, desk });
    const answer = await this.#do(route, call);
    return answer instanceof Response ? answer : toResponse(answer);
  }

  async #identify(
    route: Route,
    request: Request,
    client: string | undefined,
  ): Promise<Principal> {
    if (route.access === "open") return NOBODY;
    return await this.#options.desk.auth.identify({ request, client });
  }

  /**
   * Does what a route does; a change is told in the audit log, also one of which it is not known how
   * far it got. What was refused has changed nothing, and is logged: else it could push changes out.
   */
  async #do(route: Route, call: Call): Promise<Answer | Response> {
    const { change, isRoutine = false } = route;
    const { desk, who, client, params } = call;
    if (change === undefined || (isRoutine && who.by !== "session")) {
      return await route.handle(call);
    }
    const told = { action: change, target: params, who, client };
    try {
      const answer = await route.handle(call);
      const detail = answer instanceof Response ? undefined : answer.detail;
      await addToAudit(desk, { ...told, status: answer.status ?? 200, detail });
      return answer;
    } catch (error) {
      const known = toApiError(error);
      const failed = { ...told, detail: { error: known?.message ?? "internal error" } };
      if (known === undefined) await addToAudit(desk, { ...failed, status: 500 });
      else logRefused(desk, { ...failed, status: known.status });
      throw error;
    }
  }

  #failed(error: unknown, url: URL): Response {
    const known = toApiError(error);
    if (known !== undefined) return toResponse(errorAnswer(known));
    this.#options.desk.logger.error("Request failed", { path: url.pathname, error });
    return toResponse(errorAnswer(new ApiError("INTERNAL", "internal error")));
  }
}

const NOBODY: Principal = { name: "", role: "viewer", queues: null, types: null, by: "nothing" };

/** What a `Host` header may be: with more in it, platforms read a part of it as the path. */
const HOST = /^[^\s/?#@\\]*$/;

/**
 * What HEAD is answered: all but the body, whose length is told if it has one, as runtimes would say
 * that there is none.
 */
async function withoutBody(response: Response): Promise<Response> {
  const { status, headers, body } = response;
  if (body === null) return response;
  if (headers.get("content-type") === STREAM_TYPE) {
    await body.cancel();
    return new Response(null, { status, headers });
  }
  const { byteLength } = await response.arrayBuffer();
  headers.set("content-length", String(byteLength));
  return new Response(null, { status, headers });
}

/** The name in a `Host` header, without the port; undefined if there is none or it is no host. */
function hostOf(header: string | null): string | undefined {
  if (header === null || !URL.canParse(`http://${header}`)) return undefined;
  return new URL(`http://${header}`).hostname;
}
