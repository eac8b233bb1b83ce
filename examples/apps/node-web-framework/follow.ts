/** A job as it goes on, for whoever looks. */

import { type Client, InvalidJobIdError, isFinal, type Job } from "../../../mod.ts";
import type { Counts, jobs } from "./jobs.ts";

/** A job of this application. */
export type CountJob = Job<{ text: string }, Counts>;

/** The job with an id, if there is one and it is of this application. */
export async function readJob(
  client: Client<typeof jobs>,
  id: string,
): Promise<CountJob | undefined> {
  try {
    const job = await client.getJob<"text.count">(id);
    return job?.type === "text.count" ? job : undefined;
  } catch (error) {
    if (error instanceof InvalidJobIdError) return undefined; // no job has such an id
    throw error;
  }
}

/** The job now, and anew after each thing that happens to it, until it is final or the signal aborts. */
export async function* follow(
  client: Client<typeof jobs>,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<CountJob> {
  const over = new AbortController();
  const events = client.events({ signal: AbortSignal.any([signal, over.signal]) });
  try {
    await events.listening; // before the job is read, so that nothing falls between
    let job = await readJob(client, id);
    if (job) yield job;
    if (!job || isFinal(job.status)) return;
    for await (const event of events) {
      const isOfJob = event.kind === "gap" || ("id" in event && event.id === id);
      if (!isOfJob) continue;
      job = await readJob(client, id);
      if (!job) return;
      yield job;
      if (isFinal(job.status)) return;
    }
  } finally {
    over.abort();
  }
}
