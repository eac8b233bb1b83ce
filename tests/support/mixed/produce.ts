/**
 * Enqueues units through all troubles, and does with them what their kind asks
 * for: what throws is done again under the same ids.
 */

import {
  type Client,
  DuplicateJobError,
  JobFailedError,
  JobRefusedError,
  type JobStatus,
  StoreBusyError,
  StoreUnavailableError,
} from "../../../mod.ts";
import type { Planned, Unit } from "./plan.ts";

/** How units are enqueued. */
export interface ProduceOptions {
  readonly client: Client;
  readonly units: readonly Unit[];
  readonly rng: () => number;
  /** Time over which they are spread. */
  readonly forMs: number;
  /** Aborts when a call that throws is not to be made again. */
  readonly signal: AbortSignal;
}

const PRODUCERS = 8;
const LONGEST_BEFORE_CANCEL_MS = 800;
const REPEAT_MS = 50;

/** What has been accepted. */
export class Production {
  /** Accepted jobs, and the statuses in which each may end. */
  readonly accepted: Map<string, readonly JobStatus[]> = new Map();
  /** Calls that were made again. */
  repeats = 0;
  readonly #options: ProduceOptions;
  readonly #interventions: Promise<void>[] = [];
  readonly #began = performance.now();
  #next = 0;

  constructor(options: ProduceOptions) {
    this.#options = options;
  }

  /** Resolves when all is enqueued and intervened in. */
  async run(): Promise<this> {
    await Promise.all(Array.from({ length: PRODUCERS }, () => this.#produce()));
    await Promise.all(this.#interventions);
    return this;
  }

  async #produce(): Promise<void> {
    const { units, forMs } = this.#options;
    for (let i = this.#next++; i < units.length; i = this.#next++) {
      await sleep(this.#began + forMs * i / units.length - performance.now());
      await this.#enter(units[i]!);
    }
  }

  async #enter(unit: Unit): Promise<void> {
    const id = await this.#insist(() => this.#send(unit));
    if (unit.kind === "unique") {
      if (id !== undefined) this.accepted.set(id, ["completed"]);
      return;
    }
    for (const [id, ends] of unit.ends) this.accepted.set(id, ends);
    if (unit.kind === "canceled") this.#intervene(this.#cancel(unit.jobs[0]!));
    if (unit.kind === "revived") this.#intervene(this.#revive(unit.jobs[0]!));
  }

  #intervene(work: Promise<void>): void {
    work.catch(() => {}); // `run` throws it
    this.#interventions.push(work);
  }

  /** Enqueues a unit; gives the id of the job that now does the first one's work, if one does. */
  async #send({ kind, jobs }: Unit): Promise<string | undefined> {
    const { client } = this.#options;
    const [first] = jobs as [Planned];
    try {
      if (kind === "batch" || kind === "rows") {
        await client.enqueueMany(jobs.map((job) => {
          const { type, payload } = job;
          return { type, payload, options: optionsOf(job) };
        }));
      } else if (jobs.length > 1) {
        const nodes = jobs.map((job) => [job.id, {
          type: job.type,
          payload: job.payload,
          options: optionsOf(job),
          dependsOn: job.parents.map(({ id, onFailure }) => ({ job: id, onFailure })),
        }]);
        await client.enqueueGraph(Object.fromEntries(nodes));
      } else {
        return (await client.enqueue(first.type, first.payload, optionsOf(first))).id;
      }
      return first.id;
    } catch (error) {
      if (!(error instanceof DuplicateJobError)) throw error;
      // A call before this one has arrived; or another job has the unique key, and this is not there.
      return kind !== "unique" || error.existing.id === first.id ? first.id : undefined;
    }
  }

  async #cancel({ id }: Planned): Promise<void> {
    const { client, rng } = this.#options;
    await sleep(rng() * LONGEST_BEFORE_CANCEL_MS);
    try {
      await this.#insist(() => client.control.cancel(id, { reason: "planned" }));
      this.accepted.set(id, ["canceled"]);
    } catch (error) {
      if (!(error instanceof JobRefusedError)) throw error;
      this.accepted.set(id, ["completed"]);
    }
  }

  /** Retries a job that died, so that it and its canceled children complete. */
  async #revive({ id, payload }: Planned): Promise<void> {
    const { client, signal } = this.#options;
    const ended = await this.#insist(async () => {
      const handle = await client.enqueue("work", null, { id, onConflict: "existing" });
      return await handle.result({ signal }).then(() => false, (error) => {
        if (error instanceof JobFailedError) return true;
        throw error;
      });
    });
    if (!ended) throw new Error(`Cannot retry job '${id}' as it must have died: it completed`);
    try {
      const mended = { ...payload, failures: 0 };
      await this.#insist(() => client.control.retry(id, { payload: mended, revive: true }));
    } catch (error) {
      // A call before this one has arrived, and the job has completed since.
      if (!(error instanceof JobRefusedError && error.status === "completed")) throw error;
    }
  }

  async #insist<T>(act: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (!isPassing(error) || this.#options.signal.aborted) throw error;
        this.repeats++;
        await sleep(REPEAT_MS);
      }
    }
  }
}

/** Whether an error says that the store is away for the moment. */
export function isPassing(error: unknown): boolean {
  return error instanceof StoreUnavailableError || error instanceof StoreBusyError;
}

function optionsOf({ id, options, expiresInMs }: Planned) {
  return {
    ...options,
    id,
    ...(expiresInMs === undefined ? {} : { expireAt: Date.now() + expiresInMs }),
  };
}

/** Waits; not at all if the time has passed. */
export async function sleep(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
