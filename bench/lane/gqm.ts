/** A lane that runs GQM, through its public door. */

import { Client, Server, storeFromUrl } from "../../mod.ts";
import { runLane } from "./run.ts";
import type { Consumer, Counts, ManyOptions, Payload, Producer, Subject } from "./subject.ts";
import { Tally } from "./tally.ts";

await runLane((url): Subject => ({
  async producer(name): Promise<Producer> {
    const type = `bench.${name}`;
    const store = storeFromUrl(url);
    await store.open();
    const client = new Client({ store });
    return {
      enqueue: (payload: Payload) => client.enqueue(type, payload),
      enqueueMany: (payload: Payload, count: number, { dueAt }: ManyOptions) => {
        const item = dueAt === undefined
          ? { type, payload }
          : { type, payload, options: { runAt: dueAt } };
        return client.enqueueMany(Array.from({ length: count }, () => item));
      },
      counts: async (): Promise<Counts> => {
        const rows = (await store.counts()).filter((row) => row.type === type);
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

  async consumer(name, concurrency, onStart): Promise<Consumer> {
    const store = storeFromUrl(url);
    await store.open();
    const server = new Server({ store, logLevel: "silent" });
    const started = new Tally();
    server.handle(`bench.${name}`, () => {
      onStart();
      started.add();
    }, {
      concurrency,
      onFailure: ({ error }) => started.fail(new Error("A job failed", { cause: error })),
    });
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
