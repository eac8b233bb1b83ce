/** The handler: one try to deliver, and what each answer means for the job. */

import { Cancel, type JobContext, RetryAfter, SkipRetry } from "../../../mod.ts";
import type { Circuits } from "./circuit.ts";
import type { Endpoint } from "./endpoints.ts";
import type { Delivery } from "./jobs.ts";
import { sign } from "./signature.ts";

const MOST_WAIT_S = 3600;

/** Makes the handler of `webhook.deliver`. */
export function deliverer(endpoints: ReadonlyMap<string, Endpoint>, circuits: Circuits) {
  return async (
    { job, signal, log }: JobContext<Delivery>,
  ): Promise<{ status: number; attempt: number }> => {
    const endpoint = endpoints.get(job.payload.endpoint);
    if (!endpoint?.isActive) throw new Cancel("the endpoint takes no deliveries any more");

    const { event, data } = job.payload;
    const body = JSON.stringify({ event, data });
    let response: Response;
    try {
      response = await fetch(endpoint.url, {
        method: "POST",
        body,
        // The job's id is what the receiver knows a repeat by: it is the same at each attempt.
        headers: {
          "content-type": "application/json",
          ...await sign(job.id, body, endpoint.secret),
        },
        redirect: "manual", // a redirect could lead to where you do not want to send
        signal, // aborts at the handler's `timeoutMs`, and when the server stops
      });
    } catch (error) {
      await circuits.failed(endpoint);
      throw error;
    }
    await response.body?.cancel(); // what it says is not our business
    const { status } = response;
    await log(`attempt ${job.attempt}: ${status}`);

    if (response.ok) {
      circuits.closed(endpoint);
      return { status, attempt: job.attempt };
    }
    if (status === 410) {
      endpoint.isActive = false;
      throw new Cancel("the endpoint is gone (410)");
    }
    if (status === 429) {
      throw new RetryAfter(retryAfterMs(response), "the endpoint asks to wait (429)");
    }
    if (status >= 500 || status === 408) {
      if (await circuits.failed(endpoint)) await log("the circuit is open");
      throw new Error(`the endpoint answered ${status}`); // tried again, as the backoff says
    }
    // Any other answer would be the same next time: a dead letter, for people to look at.
    throw new SkipRetry(`the endpoint refused the delivery (${status})`);
  };
}

/** What `Retry-After` says, in whole seconds or as a date, and not for longer than an hour. */
function retryAfterMs(response: Response): number {
  const value = response.headers.get("retry-after") ?? "";
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Math.min(Math.max(Number.isNaN(seconds) ? 1 : seconds, 0), MOST_WAIT_S) * 1000;
}
