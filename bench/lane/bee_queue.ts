/**
 * A lane that runs bee-queue, with what its documentation advises where nobody listens to jobs:
 * producers that are no workers, no events received, no jobs kept in memory. Workers activate
 * delayed jobs. `BENCH_PACKAGES` names the folder that has the package.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { uuidv7Generator } from "../../src/job/id.ts";
import { countCalls } from "./count_calls.ts";
import { runLane } from "./run.ts";
import type { Consumer, Counts, ManyOptions, Payload, Producer, Subject } from "./subject.ts";
import { Tally } from "./tally.ts";

/** The part of bee-queue that is used; the package is not among this project's imports. */
type BeeQueue = new (name: string, settings: Readonly<Record<string, unknown>>) => {
  ready(): Promise<unknown>;
  createJob(data: unknown): BeeJob;
  saveAll(jobs: readonly BeeJob[]): Promise<ReadonlyMap<BeeJob, Error>>;
  checkHealth(): Promise<Readonly<Record<string, number>>>;
  process(concurrency: number, handler: () => Promise<void>): void;
  on(event: string, listener: (...args: never[]) => void): void;
  close(): Promise<void>;
};

interface BeeJob {
  save(): Promise<unknown>;
  setId(id: string): BeeJob;
  delayUntil(time: number): BeeJob;
}

const newId = uuidv7Generator(() => Date.now());

await runLane(({ url }): Subject => {
  const folder = join(process.env.BENCH_PACKAGES ?? ".", "package.json");
  const Queue: BeeQueue = createRequire(folder)("bee-queue");
  const ownRequire = createRequire(createRequire(folder).resolve("bee-queue"));
  const client: { readonly RedisClient: { readonly prototype: object } } = ownRequire("redis");
  const { hostname, port } = new URL(url);
  const redis = { host: hostname, port: Number(port) };
  const settings = { redis, getEvents: false, storeJobs: false };
  return {
    commands: countCalls(client.RedisClient.prototype, "internal_send_command"),

    async producer({ name }): Promise<Producer> {
      const queue = new Queue(name, { ...settings, isWorker: false });
      await queue.ready();
      return {
        enqueue: (payload: Payload) => queue.createJob(payload).save(),
        enqueueMany: async (payload: Payload, count: number, { dueAt, uuids }: ManyOptions) => {
          const jobs = Array.from({ length: count }, () => {
            const job = queue.createJob(payload);
            if (dueAt !== undefined) job.delayUntil(dueAt);
            return uuids ? job.setId(newId()) : job;
          });
          for (const error of (await queue.saveAll(jobs)).values()) throw error;
        },
        counts: async (): Promise<Counts> => {
          const { waiting = 0, succeeded = 0, active = 0, failed = 0, delayed = 0 } = await queue
            .checkHealth();
          return { waiting, completed: succeeded, rest: active + failed + delayed };
        },
        [Symbol.asyncDispose]: () => queue.close(),
      };
    },

    async consumer({ name }, concurrency, onStart): Promise<Consumer> {
      const completed = new Tally();
      const queue = new Queue(name, { ...settings, activateDelayedJobs: true });
      queue.on("succeeded", () => completed.add());
      queue.on("failed", (_job: never, error: Error) => completed.fail(error));
      queue.on("error", (error: Error) => completed.fail(error));
      await queue.ready();
      return {
        start: () => {
          queue.process(concurrency, () => {
            onStart();
            return Promise.resolve();
          });
          return Promise.resolve();
        },
        settled: (jobs) => completed.reaches(jobs),
        [Symbol.asyncDispose]: () => queue.close(),
      };
    },
  };
});
