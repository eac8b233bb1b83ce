/**
 * A lane that runs BullMQ, as its documentation tells to: a `Queue` and a `Worker`
 * with connections of their own. `BENCH_PACKAGES` names the folder that has the package.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { uuidv7Generator } from "../../src/job/id.ts";
import { countCalls } from "./count_calls.ts";
import { runLane } from "./run.ts";
import type { Consumer, Counts, Kind, ManyOptions, Payload, Producer, Subject } from "./subject.ts";
import { Tally } from "./tally.ts";

/** The part of BullMQ that is used; the package is not among this project's imports. */
interface BullMq {
  readonly Queue: new (name: string, options: { readonly connection: Connection }) => {
    waitUntilReady(): Promise<unknown>;
    add(name: string, data: unknown, options?: { readonly priority: number }): Promise<unknown>;
    addBulk(jobs: readonly unknown[]): Promise<unknown>;
    getJobCounts(): Promise<Record<string, number>>;
    close(): Promise<void>;
  };
  readonly FlowProducer: new (options: { readonly connection: Connection }) => {
    waitUntilReady(): Promise<unknown>;
    add(flow: FlowJob): Promise<unknown>;
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

interface FlowJob {
  readonly name: string;
  readonly queueName: string;
  readonly data: Payload;
  readonly children?: readonly FlowJob[];
}

const typeOf = (type: number): string => `nothing.${type}`;
const newId = uuidv7Generator(() => Date.now());

await runLane(({ url }): Subject => {
  const load = createRequire(join(process.env.BENCH_PACKAGES ?? ".", "package.json"));
  const { Queue, FlowProducer, Worker }: BullMq = load("bullmq");
  const { hostname, port } = new URL(url);
  const connection: Connection = {
    host: hostname,
    port: Number(port),
    maxRetriesPerRequest: null,
  };
  return {
    commands: countCalls(load("ioredis").Redis.prototype, "sendCommand"),

    async producer({ name: queueName, priorities }): Promise<Producer> {
      const queue = new Queue(queueName, { connection });
      const flows = new FlowProducer({ connection });
      await Promise.all([queue.waitUntilReady(), flows.waitUntilReady()]);
      return {
        // 1 comes first there, and 0 is none.
        enqueue: priorities === 1
          ? (payload: Payload, { type }: Kind) => queue.add(typeOf(type), payload)
          : (payload: Payload, { type, priority }: Kind) =>
            queue.add(typeOf(type), payload, { priority: priorities - priority }),
        enqueueMany: (data: Payload, count: number, { dueAt, uuids }: ManyOptions) =>
          queue.addBulk(Array.from({ length: count }, () => ({
            name: typeOf(0),
            data,
            opts: {
              ...(dueAt === undefined ? {} : { delay: dueAt - Date.now() }),
              ...(uuids ? { jobId: newId() } : {}),
            },
          }))),
        enqueueFamily: (data: Payload, count: number) => {
          const job = { name: typeOf(0), queueName, data };
          return flows.add({ ...job, children: Array.from({ length: count }, () => job) });
        },
        counts: async (): Promise<Counts> => {
          const { waiting = 0, prioritized = 0, completed = 0, ...others } = await queue
            .getJobCounts();
          const rest = Object.values(others).reduce((a, b) => a + b, 0);
          return { waiting: waiting + prioritized, completed, rest };
        },
        [Symbol.asyncDispose]: async () => {
          await Promise.all([queue.close(), flows.close()]);
        },
      };
    },

    async consumer({ name }, concurrency, onStart): Promise<Consumer> {
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
