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
  /** Longest time in which a client may take nothing of what is there for it. */
  readonly writeMs: number;
}

/** What the start of a URL may say of the host; what else stands in a `Host` header would read as a path. */
const HOST = /^[^\s/?#@\\]+$/;

/** Answers a request. Does not reject. */
export async function answer(
  message: IncomingMessage,
  res: ServerResponse,
  { scheme, respond, isLast, writeMs }: Answering,
): Promise<void> {
  const gone = new AbortController();
  res.once("close", () => {
    if (!res.writableFinished) gone.abort();
  });
  res.once("finish", () => {
    // The server may have begun to close meanwhile, and would wait for the connection.
    if (isLast()) message.socket.destroySoon();
  });
  res.on("error", () => {}); // it is closed then, which is heard
  const request = requestOf(message, scheme, gone.signal);
  if (request === undefined) {
    res.writeHead(400, { connection: "close" }).end();
    return;
  }
  try {
    const response = await respond(request, message.socket.remoteAddress);
    if (isLast()) res.shouldKeepAlive = false;
    const taken = async (event: "drain" | "finish"): Promise<void> => {
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(writeMs)]);
      await once(res, event, { signal });
    };
    await send(response, res, { gone: gone.signal, taken });
  } catch {
    // The answer broke off, or nobody takes it, which is told by a connection that breaks off.
    res.destroy();
  }
}

/** The request; undefined where there can be none of its URL, its host or its method. */
function requestOf(
  message: IncomingMessage,
  scheme: string,
  signal: AbortSignal,
): Request | undefined {
  const { method = "GET", url: target = "", rawHeaders } = message;
  const host = message.headers.host ?? "localhost";
  const url = target.startsWith("/") ? `${scheme}://${host}${target}` : target;
  if (!HOST.test(host) || !/^https?:\/\//.test(url)) return undefined;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  const hasBody = method !== "GET" && method !== "HEAD" &&
    (headers.has("content-length") || headers.has("transfer-encoding"));
  const body = hasBody ? bodyOf(message) : null;
  const init: RequestInit & { readonly duplex: "half" } = {
    ...{ method, headers, body, signal, duplex: "half" },
  };
  try {
    return new Request(url, init);
  } catch {
    return undefined;
  }
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

/** What there is to know of the client. */
interface Client {
  /** Aborts when it goes before the end. */
  readonly gone: AbortSignal;
  /** Resolves when it has taken what is there for it; rejects when it goes, or does not for long. */
  taken(event: "drain" | "finish"): Promise<void>;
}

/** Sends a response, no faster than the client takes it. */
async function send(
  response: Response,
  res: ServerResponse,
  { gone, taken }: Client,
): Promise<void> {
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
    if (!res.write(piece.value)) await taken("drain");
  }
  clearImmediate(flushing);
  res.end();
  if (res.writableLength > 0) await taken("finish");
}
