/**
 * Which pages of other origins may call the API: those of origins that were named, with a key. Cookies
 * are nobody else's business: no answer allows credentials.
 *
 * @module
 */

/** Headers in which a key comes. */
const KEY_HEADERS: readonly string[] = ["x-api-key", "authorization"];
const ALLOWED_HEADERS = [...KEY_HEADERS, "content-type", "idempotency-key", "last-event-id"]
  .join(", ");
const EXPOSED_HEADERS = "location, retry-after, idempotent-replay";
/** How long a browser may remember a preflight, in seconds. */
const MAX_AGE = "600";

/** Tells browsers what pages of other origins may do. */
export class Cors {
  readonly #origins: ReadonlySet<string>;

  /** @param origins The origins that may call the API. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /** Answers a browser that asks before a call; undefined if this is no such question, or not allowed. */
  preflight(request: Request, methods: readonly string[]): Response | undefined {
    const { method, headers } = request;
    const wanted = headers.get("access-control-request-method");
    if (method !== "OPTIONS" || wanted === null || !this.#allows(request)) return undefined;
    const names = (headers.get("access-control-request-headers") ?? "").toLowerCase().split(",");
    if (!names.some((name) => KEY_HEADERS.includes(name.trim()))) return undefined;
    return new Response(null, {
      status: 204,
      headers: {
        "access-control-allow-origin": headers.get("origin")!,
        "access-control-allow-methods": methods.join(", "),
        "access-control-allow-headers": ALLOWED_HEADERS,
        "access-control-max-age": MAX_AGE,
      },
    });
  }

  /** Lets the page that sent a request with a key read the answer. */
  mark(answer: Headers, request: Request): void {
    answer.append("vary", "Origin");
    const hasKey = KEY_HEADERS.some((name) => request.headers.has(name));
    if (!hasKey || !this.#allows(request)) return;
    answer.set("access-control-allow-origin", request.headers.get("origin")!);
    answer.set("access-control-expose-headers", EXPOSED_HEADERS);
  }

  #allows(request: Request): boolean {
    return this.#origins.has(request.headers.get("origin") ?? "");
  }
}
