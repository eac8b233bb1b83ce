/**
 * What commands ask and tell: the API of a monitor. With a store instead, a monitor of this process answers, so that
 * there is one way for both.
 *
 * @module
 */

import type { Logger } from "../logger.ts";
import { createMonitor } from "../monitor/monitor.ts";
import { readEnv } from "../runtime/env.ts";
import { UsageError } from "./command.ts";
import { text, type Values } from "./flags.ts";
import { storeFlag, withStore } from "./store.ts";

/** Where a monitor is. */
const API_URL_VARIABLE = "GQM_API_URL";
/** The key that the monitor knows. */
const API_KEY_VARIABLE = "GQM_API_KEY";

/** The flags of all commands that ask a monitor. */
export const targetFlags = {
  ...storeFlag,
  "api-url": text("URL", `Monitor to ask instead of a store [${API_URL_VARIABLE}]`),
  "api-key": text("KEY", `Key that the monitor knows [${API_KEY_VARIABLE}]`),
};

/** What may stand in the query of a path. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** An answer with data. */
export interface Answer<T, M = unknown> {
  readonly data: T;
  readonly meta: M;
}

/** The monitor did not do what was asked of it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The answer's status; 0 if there was none. */
  readonly status: number;
  /** The answer's name of the error. */
  readonly code: string;

  constructor(message: string, status: number, code: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A monitor that can be asked. */
export interface Api {
  /** Its address, or that of the store, without passwords. */
  readonly place: string;
  /** Whether it is in this process, so that what it does in the background ends with it. */
  readonly isHere: boolean;
  /** Reads. */
  get<T, M = unknown>(path: string, query?: Query, signal?: AbortSignal): Promise<Answer<T, M>>;
  /** Reads a stream, until the signal aborts. */
  stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** Changes. */
  send<T>(
    method: "POST" | "PUT" | "DELETE",
    path: string,
    body?: unknown,
    query?: Query,
  ): Promise<T>;
}

/** A path with parts that may hold any character: `path\`/api/v1/jobs/${id}\``. */
export function path(texts: TemplateStringsArray, ...parts: readonly string[]): string {
  return texts.map((one, i) => one + (i < parts.length ? encodeURIComponent(parts[i]!) : "")).join(
    "",
  );
}

/**
 * Finds the monitor that the flags or the environment name, and lets go of it when `use` has ended.
 *
 * @param options `isMade`: whether the usual store is made where there is none.
 *
 * @throws {UsageError} If they contradict each other.
 */
export async function withApi(
  flags: Values<typeof targetFlags>,
  use: (api: Api) => Promise<number>,
  { isMade = false }: { readonly isMade?: boolean } = {},
): Promise<number> {
  const { store, "api-url": url, "api-key": key = readEnv(API_KEY_VARIABLE) } = flags;
  if (store !== undefined && url !== undefined) {
    throw new UsageError("'--store' and '--api-url' cannot both be given");
  }
  const address = store === undefined ? url ?? readEnv(API_URL_VARIABLE) : undefined;
  if (address !== undefined) return await use(remoteApi(address, key));
  return await withStore(store, async (opened) => {
    const failed: Failed = {};
    const quiet = { rateLimit: -1, metrics: false, logger: failureLogger(failed) } as const;
    await using monitor = createMonitor({ ...quiet, store: opened, auth: "none" });
    const ask = async (request: Request): Promise<Response> => {
      delete failed.error;
      const response = await monitor.fetch(request, { remoteAddr: "127.0.0.1" });
      // A monitor tells nobody why; here it is the user's own, and the store's words are what helps.
      if (response.status === 500 && failed.error !== undefined) throw failed.error;
      return response;
    };
    return await use(apiOver(ask, "http://localhost", opened.description, true));
  }, isMade);
}

/** Why a monitor could not answer. */
interface Failed {
  error?: Error;
}

/** Says nothing, and keeps the last error. */
function failureLogger(failed: Failed): Logger {
  const silent = (): void => {};
  return {
    ...{ debug: silent, info: silent, warn: silent },
    error: (_message, { error } = {}) => {
      if (error instanceof Error) failed.error = error;
    },
  };
}

function remoteApi(address: string, key: string | undefined): Api {
  const url = URL.parse(address);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.host === "") {
    throw new UsageError(`'--api-url' must be an http(s) URL: current value is '${address}'`);
  }
  const base = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  const ask = async (request: Request): Promise<Response> => {
    if (key !== undefined) request.headers.set("x-api-key", key);
    try {
      return await fetch(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      const why = error instanceof Error ? (error.cause ?? error) : error;
      const told = why instanceof Error ? why.message : String(why);
      const hint = "is it running there? '--api-url' names another";
      throw new ApiError(
        `cannot reach the monitor at ${base} (${told}): ${hint}`,
        0,
        "UNREACHABLE",
      );
    }
  };
  return apiOver(ask, base, base, false);
}

function apiOver(
  ask: (request: Request) => Promise<Response>,
  base: string,
  place: string,
  isHere: boolean,
): Api {
  const send = (
    method: string,
    to: string,
    query?: Query,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<Response> => {
    const headers = new Headers({ accept: "application/json", "x-gqm-csrf": "1" });
    if (body !== undefined) headers.set("content-type", "application/json");
    return ask(
      new Request(`${base}${to}${searchOf(query ?? {})}`, {
        method,
        headers,
        signal: signal ?? null,
        body: body === undefined ? null : JSON.stringify(body),
      }),
    );
  };
  const call = async <T>(...of: Parameters<typeof send>): Promise<T> => {
    const response = await send(...of);
    const text = await response.text();
    let answer: unknown;
    try {
      answer = text === "" ? undefined : JSON.parse(text);
    } catch {
      const told = `${place} answered ${response.status} with something that is no JSON`;
      throw new ApiError(`${told}: is that a monitor?`, response.status, "NO_JSON");
    }
    if (response.ok) return answer as T;
    throw failure(response.status, answer, place);
  };
  return {
    place,
    isHere,
    get: (to, query, signal) => call("GET", to, query, undefined, signal),
    send: (method, to, body, query) => call(method, to, query, body),
    stream: async (to, signal) => {
      const response = await send("GET", to, {}, undefined, signal);
      if (response.ok && response.body !== null) return response.body;
      await response.body?.cancel();
      throw new ApiError(`${place} answered ${response.status}`, response.status, "NO_STREAM");
    },
  };
}

function failure(status: number, answer: unknown, place: string): ApiError {
  const { error, code } = Object(answer) as { error?: unknown; code?: unknown };
  let told = typeof error === "string" ? error : `${place} answered ${status}`;
  // Most often it is somewhere else.
  if (code === "NOT_FOUND") told += ` at ${place}`;
  if (status === 401) told += `: give a key of that monitor by '--api-key' or ${API_KEY_VARIABLE}`;
  return new ApiError(told, status, typeof code === "string" ? code : "UNKNOWN");
}

function searchOf(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const told = Array.isArray(value) ? value.join(",") : value;
    if (told !== undefined && told !== "") params.set(name, String(told));
  }
  return params.size === 0 ? "" : `?${params}`;
}
