/**
 * A lane that runs BullMQ, as its documentation tells to: a `Queue` and a `Worker`
 * with connections of their own. `BENCH_PACKAGES` names the folder that has the package.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { uuidv7Generator } from "../../src/job/id.ts";
import { runLane } from "./run.ts";
import type { Consumer, Counts, ManyOptions, Payload, Producer, Subject } from "./subject.ts";
import { Tally } from "./tally.ts";

/** The part of BullMQ that is used; the package is not among this project's imports. */
interface BullMq {
  readonly Queue: new (name: string, options: { readonly connection: Connection }) => {
    waitUntilReady(): Promise<unknown>;
    add(name: string, data: unknown): Promise<unknown>;
    addBulk(jobs: readonly unknown[]): Promise<unknown>;
    getJobCounts(): Promise<Record<string, number>>;
    close(): Promise<void>;
  };
  readonly Worker: new (
    name: string,
    handler: () => Promise<void>,
    options: {
      readonly connection: Connection;
      readonly concurrency: number;
      readonly autorun: boolean;
    },
  ) => {
    waitUntilReady(): Promise<unknown>;
    run(): Promise<void>;
    on(event: string, listener: (...args: never[]) => void): void;
    close(): Promise<void>;
  };
}

interface Connection {
  readonly host: string;
  readonly port: number;
  readonly maxRetriesPerRequest: null;
}

const JOB_NAME = "nothing";
const newId = uuidv7Generator(() => Date.now());

await runLane((url): Subject => {
  const load = createRequire(join(process.env.BENCH_PACKAGES ?? ".", "package.json"));
  const { Queue, Worker }: BullMq = load("bullmq");
  const { hostname, port } = new URL(url);
  const connection: Connection = {
    host: hostname,
    port: Number(port),
    maxRetriesPerRequest: null,
  };
  return {
    async producer(name): Promise<Producer> {
      const queue = new Queue(name, { connection });
      await queue.waitUntilReady();
      return {
        enqueue: (payload: Payload) => queue.add(JOB_NAME, payload),
        enqueueMany: (data: Payload, count: number, { dueAt, uuids }: ManyOptions) =>
          queue.addBulk(Array.from({ length: count }, () => ({
            name: JOB_NAME,
            data,
            opts: {
              ...(dueAt === undefined ? {} : { delay: dueAt - Date.now() }),
              ...(uuids ? { jobId: newId() } : {}),
            },
          }))),
        counts: async (): Promise<Counts> => {
          const { waiting = 0, completed = 0, ...others } = await queue.getJobCounts();
          return { waiting, completed, rest: Object.values(others).reduce((a, b) => a + b, 0) };
        },
        [Symbol.asyncDispose]: () => queue.close(),
      };
    },

    async consumer(name, concurrency, onStart): Promise<Consumer> {
      const completed = new Tally();
      const handler = (): Promise<void> => {
        onStart();
        return Promise.resolve();
      };
      const worker = new Worker(name, handler, { connection, concurrency, autorun: false });
      worker.on("completed", () => completed.add());
      worker.on("failed", (_job: never, error: Error) => completed.fail(error));
      worker.on("error", (error: Error) => completed.fail(error));
      await worker.waitUntilReady();
      return {
        start: () => {
          worker.run().catch((error) => completed.fail(error));
          return Promise.resolve();
        },
        settled: (jobs) => completed.reaches(jobs),
        [Symbol.asyncDispose]: () => worker.close(),
      };
    },
  };
});
