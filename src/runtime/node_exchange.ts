/**
 * One request and its answer, between what `node:http` has and `Request` and `Response`.
 *
 * @module
 */

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { clearImmediate, setImmediate } from "node:timers";
import type { Respond } from "./serve.ts";

/** How requests are answered. */
export interface Answering {
  readonly scheme: "http" | "https";
  readonly respond: Respond;
  /** Whether the connection is to be closed after the answer. */
  readonly isLast: () => boolean;
}

/** What the start of a URL may say of the host; what else stands in a `Host` header would read as a path. */
const HOST = /^[^\s/?#@\\]+$/;

/** Answers a request. Does not reject. */
export async function answer(
  message: IncomingMessage,
  res: ServerResponse,
  { scheme, respond, isLast }: Answering,
): Promise<void> {
  const gone = new AbortController();
  res.once("close", () => {
    if (!res.writableFinished) gone.abort();
  });
  res.on("error", () => {}); // it is closed then, which is heard
  const request = requestOf(message, scheme, gone.signal);
  if (typeof request === "number") {
    res.writeHead(request, { connection: "close" }).end();
    return;
  }
  try {
    const response = await respond(request, message.socket.remoteAddress);
    if (isLast()) res.shouldKeepAlive = false;
    await send(response, res, gone.signal);
  } catch {
    // The answer broke off, which is told by a connection that does.
    res.destroy();
  }
}

/** The request; or the status of the answer, where it is none. */
function requestOf(
  message: IncomingMessage,
  scheme: string,
  signal: AbortSignal,
): Request | number {
  const { method = "GET", url: target = "", rawHeaders } = message;
  // No `Request` can have these methods.
  if (method === "TRACE" || method === "CONNECT") return 501;
  const host = message.headers.host ?? "localhost";
  const url = target.startsWith("/") ? `${scheme}://${host}${target}` : target;
  if (!HOST.test(host) || !/^https?:\/\//.test(url) || !URL.canParse(url)) return 400;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  const hasBody = method !== "GET" && method !== "HEAD" &&
    (headers.has("content-length") || headers.has("transfer-encoding"));
  const body = hasBody ? bodyOf(message) : null;
  const init: RequestInit & { readonly duplex: "half" } = {
    ...{ method, headers, body, signal, duplex: "half" },
  };
  return new Request(url, init);
}

/**
 * The body, read as far as somebody asks for it. What nobody wants any more is thrown away as it
 * comes, so that the client, which may be sending still, gets to read the answer.
 */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = message.iterator({ destroyOnReturn: false });
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    cancel: () => {
      pieces.return?.().then(() => message.resume(), () => {});
    },
  }, { highWaterMark: 0 });
}

/** Sends a response, no faster than the client takes it. */
async function send(response: Response, res: ServerResponse, gone: AbortSignal): Promise<void> {
  res.statusCode = response.status;
  const { headers, body } = response;
  const cookies = headers.getSetCookie();
  for (const [name, value] of headers) if (name !== "set-cookie") res.setHeader(name, value);
  if (cookies.length > 0) res.setHeader("set-cookie", cookies);
  if (body === null) {
    res.end();
    return;
  }
  // The head goes with what comes after it, unless that takes its time: of events there may be none for long.
  const flushing = setImmediate(() => res.flushHeaders());
  const reader = body.getReader();
  const stop = (): void => void reader.cancel().catch(() => {});
  gone.addEventListener("abort", stop, { once: true });
  if (gone.aborted) stop();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    clearImmediate(flushing);
    if (!res.write(piece.value)) await once(res, "drain", { signal: gone });
  }
  clearImmediate(flushing);
  res.end();
}
