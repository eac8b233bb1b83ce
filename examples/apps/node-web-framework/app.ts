/** The routes: they enqueue, tell how far a job is, and wait for results. */

import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { type Client, DuplicateJobError, type Monitor } from "../../../mod.ts";
import { follow, readJob } from "./follow.ts";
import type { jobs } from "./jobs.ts";

/** Most time that a request waits for a result. */
const MOST_WAIT_MS = 10_000;
/** Most characters of a text. */
const MOST_LENGTH = 500_000;

/** What the routes work with. */
export interface Parts {
  readonly client: Client<typeof jobs>;
  readonly monitor: Monitor;
  /** Aborts when the process is to end: answers that have no end then end. */
  readonly closing: AbortSignal;
}

/** Makes the application. */
export function createApp({ client, monitor, closing }: Parts): Hono {
  const app = new Hono();

  // Enqueues, and answers at once: where to look for the rest.
  app.post("/texts", async (c) => {
    const text = await c.req.text();
    if (text.length === 0 || text.length > MOST_LENGTH) {
      return c.json({ error: `a text of 1 to ${MOST_LENGTH} characters is needed` }, 400);
    }
    const id = c.req.header("idempotency-key");
    if (id !== undefined && !/^[\w-]{1,200}$/.test(id)) {
      return c.json({ error: "a key has 1 to 200 letters, digits, '_' and '-'" }, 400);
    }
    try {
      const { id: job } = await client.enqueue("text.count", { text }, id ? { id } : {});
      return c.json({ job }, 202, { location: `/texts/${job}` });
    } catch (error) {
      if (!(error instanceof DuplicateJobError)) throw error;
      const { id: job } = error.existing; // the same request came again
      return c.json({ job }, 200, { location: `/texts/${job}` });
    }
  });

  app.get("/texts/:id", async (c) => {
    const job = await readJob(client, c.req.param("id"));
    if (!job) return c.json({ error: "no such job" }, 404);
    const { status, progress, result, error } = job;
    return c.json({ status, progress: progress?.value, result, error });
  });

  // Waits for the result: for a while, and no longer than whoever asks.
  app.get("/texts/:id/result", async (c) => {
    const late = AbortSignal.timeout(MOST_WAIT_MS);
    const signal = AbortSignal.any([late, c.req.raw.signal, closing]);
    let known = false;
    for await (
      const { status, result, error, finishedAt } of follow(client, c.req.param("id"), signal)
    ) {
      known = true;
      if (status === "completed") return c.json(result);
      if (finishedAt !== undefined) return c.json({ error }, 502);
    }
    return known ? c.json({ error: "not yet" }, 504) : c.json({ error: "no such job" }, 404);
  });

  // How far the job is, as Server-Sent Events, until it is final.
  app.get("/texts/:id/events", (c) =>
    streamSSE(c, async (stream) => {
      const left = new AbortController();
      stream.onAbort(() => left.abort());
      const signal = AbortSignal.any([left.signal, closing]);
      for await (const { status, progress, result } of follow(client, c.req.param("id"), signal)) {
        const data = JSON.stringify({ status, progress: progress?.value, result });
        await stream.writeSSE({ event: "job", data });
      }
    }));

  // The monitor with its dashboard, below a path. It is told who asks, as it counts requests and logins by client.
  app.mount("/jobs", (request: Request, { incoming }: HttpBindings) => {
    const { remoteAddress } = incoming.socket;
    return monitor.fetch(request, { ...remoteAddress && { remoteAddr: remoteAddress }, closing });
  });
  return app;
}
