/**
 * Sends one webhook, and signs it so that the receiver can tell that it comes from here.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { VERSION } from "../../version.ts";
import { hmac, toHex } from "../digest.ts";
import type { Target } from "./webhook_options.ts";

/** What is sent. */
export interface Delivery {
  /** The same for each try. */
  readonly id: string;
  /** What happened, such as `firing`. */
  readonly event: string;
  /** JSON. */
  readonly body: string;
}

/** What sending needs. */
export interface SendOptions {
  readonly clock: Clock;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** A webhook was not taken. Its message holds nothing of the URL, which may be a secret. */
export class WebhookError extends Error {
  /** Name of the class. */
  override readonly name: string = "WebhookError";
}

/**
 * Sends it. Whatever is answered but 2xx is a failure, redirects too. The answer's body is not read.
 *
 * @returns The status of the answer.
 * @throws {WebhookError} If it was not taken in time.
 */
export async function sendWebhook(
  { name, url, headers, secret, timeoutMs }: Target,
  { id, event, body }: Delivery,
  { clock, signal }: SendOptions,
): Promise<number> {
  const timestamp = String(Math.floor(clock.now() / 1000));
  const signed: Record<string, string> = secret === undefined
    ? {}
    : { "x-gqm-signature": `sha256=${toHex(await hmac(secret, `${timestamp}.${body}`))}` };
  const over = new AbortController();
  const end = (): void => over.abort();
  const timer = clock.after(timeoutMs, end);
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted) end();
  let status: number;
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      body,
      signal: over.signal,
      headers: {
        "user-agent": `gqm/${VERSION}`,
        ...headers,
        "content-type": "application/json",
        "x-gqm-delivery": id,
        "x-gqm-event": `alert.${event}`,
        "x-gqm-timestamp": timestamp,
        ...signed,
      },
    });
    status = response.status;
    // Not waited for: whoever answers without end is not listened to.
    response.body?.cancel().catch(() => {});
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const reason = over.signal.aborted
      ? `it did not answer within ${timeoutMs} ms`
      : `it could not be reached (${codeOf(error)})`;
    throw new WebhookError(`Cannot deliver webhook '${name}' as ${reason}`);
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", end);
  }
  if (status >= 200 && status < 300) return status;
  throw new WebhookError(`Cannot deliver webhook '${name}' as it answered ${status}`);
}

/** What platforms tell of a failure in a word: their messages hold the URL. */
function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { readonly code?: unknown };
    if (typeof code === "string" && /^\w{1,50}$/.test(code)) return code;
  }
  return error instanceof Error ? error.name : "unknown";
}
