/** A lane that runs GQM, through its public door. */

import { Redis } from "ioredis";
import { Client, type PoolOptions, Server, storeFromUrl } from "../../mod.ts";
import { countCalls } from "./count_calls.ts";
import { runLane } from "./run.ts";
import type {
  Consumer,
  Counts,
  Kind,
  Load,
  ManyOptions,
  Payload,
  Producer,
  Subject,
} from "./subject.ts";
import { Tally } from "./tally.ts";

/** How the pool differs from one with defaults, by the names in `bench/redis/systems.ts`. */
const variants: Readonly<Record<string, Partial<PoolOptions>>> = {
  "": {},
  "prefetch 0": { prefetch: 0 },
};

const commands = countCalls(Redis.prototype, "sendCommand");
const typesOf = ({ name, types }: Load): string[] =>
  Array.from({ length: types }, (_, type) => typeOf(name, type));
const typeOf = (name: string, type: number): string => `bench.${name}.${type}`;

await runLane(({ url, variant }): Subject => ({
  commands,

  async producer(load): Promise<Producer> {
    const store = storeFromUrl(url);
    await store.open();
    const client = new Client({ store });
    const first = typeOf(load.name, 0);
    const mine = new Set(typesOf(load));
    return {
      enqueue: load.priorities === 1
        ? (payload: Payload, { type }: Kind) => client.enqueue(typeOf(load.name, type), payload)
        : (payload: Payload, { type, priority }: Kind) =>
          client.enqueue(typeOf(load.name, type), payload, { priority }),
      enqueueMany: (payload: Payload, count: number, { dueAt }: ManyOptions) => {
        const item = dueAt === undefined
          ? { type: first, payload }
          : { type: first, payload, options: { runAt: dueAt } };
        return client.enqueueMany(Array.from({ length: count }, () => item));
      },
      enqueueFamily: (payload: Payload, children: number) => {
        const names = Array.from({ length: children }, (_, child) => `child${child}`);
        const node = { type: first, payload };
        return client.enqueueGraph({
          ...Object.fromEntries(names.map((name) => [name, node])),
          parent: { ...node, dependsOn: names },
        });
      },
      counts: async (): Promise<Counts> => {
        const rows = (await store.counts()).filter((row) => mine.has(row.type));
        const sum = (status?: string): number =>
          rows.reduce((n, row) => row.status === (status ?? row.status) ? n + row.count : n, 0);
        const [waiting, completed] = [sum("ready"), sum("completed")];
        return { waiting, completed, rest: sum() - waiting - completed };
      },
      [Symbol.asyncDispose]: async () => {
        await client.close();
        await store.close();
      },
    };
  },

  async consumer(load, concurrency, onStart): Promise<Consumer> {
    const store = storeFromUrl(url);
    await store.open();
    const server = new Server({ store, logLevel: "silent" });
    const started = new Tally();
    const types = typesOf(load);
    for (const type of types) {
      server.handle(type, () => {
        onStart();
        started.add();
      }, { onFailure: ({ error }) => started.fail(new Error("A job failed", { cause: error })) });
    }
    server.pool({ name: "bench", types, concurrency, ...variantOf(variant) });
    return {
      start: () => server.start(),
      settled: async (jobs) => {
        await started.reaches(jobs);
        await server.drain();
      },
      [Symbol.asyncDispose]: async () => {
        await server.stop();
        await store.close();
      },
    };
  },
}));

function variantOf(name: string): Partial<PoolOptions> {
  const variant = variants[name];
  if (variant !== undefined) return variant;
  throw new RangeError(
    `Cannot run lane as 'variant' must be one of "${Object.keys(variants).join('", "')}": ` +
      `current value is "${name}"`,
  );
}
