/**
 * A function at the edge: it takes the events of a shop and enqueues them over HTTP. It needs `fetch` and WebCrypto,
 * and neither the package nor anything of Node, so it fits wherever `fetch` handlers run. This is Cloudflare's form,
 * which gives the settings as the second argument.
 */

/** Settings of the function. */
export interface EdgeEnv {
  /** Where the monitor is, such as `https://jobs.example.com`. */
  readonly GQM_URL: string;
  /** An API key with the role `producer`. */
  readonly GQM_KEY: string;
}

/** What the shop sends: it gives each event an id, and sends it again until it is answered 2xx. */
interface ShopEvent {
  readonly id: string;
  readonly order: number;
}

/** Answers the shop. */
export async function handle(request: Request, env: EdgeEnv): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== "POST" || pathname !== "/orders") return say(404, "not found");
  const event = await request.json().catch(() => undefined);
  if (!isShopEvent(event)) return say(400, "an id and the number of an order are needed");

  let enqueued: Response;
  try {
    enqueued = await fetch(new URL("/api/v1/jobs", env.GQM_URL), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-api-key": env.GQM_KEY,
        // The same event again is answered as it was, and nothing more is enqueued for a day.
        "idempotency-key": event.id,
      },
      body: JSON.stringify({
        type: "order.import",
        queue: "orders",
        payload: { order: event.order },
      }),
      signal: AbortSignal.timeout(5000),
    });
  } catch {
    return say(503, "try again later"); // the shop does: accepted is only what is in the store
  }
  const answer = await enqueued.json();
  if (enqueued.ok) return Response.json({ job: answer.data.id }, { status: 202 });
  // What the monitor refuses may be our fault, so the shop shall try again and we shall hear of it.
  console.error(`enqueue: ${enqueued.status} ${answer.code}`);
  return say(enqueued.status === 409 ? 409 : 503, "not accepted");
}

function isShopEvent(value: unknown): value is ShopEvent {
  const { id, order } = (value ?? {}) as Partial<ShopEvent>;
  return typeof id === "string" && /^[\w-]{1,200}$/.test(id) && Number.isSafeInteger(order);
}

function say(status: number, message: string): Response {
  return Response.json({ message }, { status });
}

export default { fetch: handle };
