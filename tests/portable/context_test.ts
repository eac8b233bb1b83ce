/** What jobs inherit, by AsyncLocalStorage: runs on Deno, Bun and Node. */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  BackgroundEnqueuer,
  Client,
  Consumer,
  currentContext,
  type EnqueueContext,
  type EnqueueOptions,
  type Handler,
  type Job,
  type JobHandle,
  memoryStore,
  Server,
} from "../../mod.ts";

const trace = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, tracestate: "a=1" };
const newer = { traceparent: `00-${"a".repeat(32)}-${"c".repeat(16)}-01` };
const tenant: EnqueueOptions = { meta: { tenant: "a", color: "red" }, trace };

describe("a job enqueued by another's handler", () => {
  let store: ReturnType<typeof memoryStore>;
  let client: Client;
  let server: Server;
  let surrounding: EnqueueContext | undefined;

  beforeEach(() => {
    surrounding = undefined;
    store = memoryStore();
    client = new Client({ store, context: () => surrounding });
    server = new Server({ store, logLevel: "silent" });
    server.pool({ name: "all", types: ["*"], concurrency: 20 });
  });

  afterEach(async () => {
    await server.stop();
    await client.close();
    await store.close();
  });

  /** Runs a job with this handler; gives what the job enqueued inherited. */
  async function inherited(
    handler: (...context: Parameters<Handler>) => Promise<JobHandle>,
    options: EnqueueOptions = tenant,
  ): Promise<Pick<Job, "meta" | "trace">> {
    const child = Promise.withResolvers<JobHandle>();
    server.handle("parent", async (context) => child.resolve(await handler(context)));
    await client.enqueue("parent", undefined, options);
    await server.start();
    const { meta, trace } = (await (await child.promise).job())!;
    return { meta, trace };
  }

  const later = async (): Promise<JobHandle> => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return await client.enqueue("child");
  };
  const all = { meta: tenant.meta, trace };

  it("inherits through the client", async () => {
    deepEqual(await inherited(() => client.enqueue("child")), all);
  });
  it("inherits below awaits and timers", async () => {
    deepEqual(await inherited(async () => (await Promise.all([later()]))[0]!), all);
  });
  it("inherits when it is a child", async () => {
    deepEqual(await inherited(({ enqueueChild }) => enqueueChild("child")), all);
  });
  it("inherits when it is part of a batch", async () => {
    const handler = async (): Promise<JobHandle> =>
      (await client.enqueueMany([{ type: "child" }]))[0];
    deepEqual(await inherited(handler), all);
  });
  it("inherits when it is part of a graph", async () => {
    const graph = { only: { type: "child" } };
    deepEqual(await inherited(async () => (await client.enqueueGraph(graph)).only), all);
  });
  it("inherits when it is part of a graph under the claim", async () => {
    const graph = { only: { type: "child" } };
    deepEqual(await inherited(async (job) => (await job.enqueueGraph(graph)).only), all);
  });
  it("keeps keys and trace of its own", async () => {
    const own = { meta: { color: "blue", size: 1 }, trace: newer };
    const meta = { tenant: "a", color: "blue", size: 1 };
    deepEqual(await inherited(() => client.enqueue("child", 1, own)), { meta, trace: newer });
  });
  it("inherits nothing when it says so", async () => {
    surrounding = { meta: { host: "h" } };
    const own = { inheritContext: false, meta: { size: 1 } };
    deepEqual(await inherited(() => client.enqueue("child", 1, own)), {
      meta: { size: 1 },
      trace: undefined,
    });
  });
  it("inherits nothing when the other has nothing", async () => {
    deepEqual(await inherited(() => client.enqueue("child"), {}), { meta: {}, trace: undefined });
  });
  it("takes what the client's context tells before what the job passes on", async () => {
    const handler = (): Promise<JobHandle> => {
      surrounding = { meta: { color: "green", host: "h" }, trace: newer };
      return client.enqueue("child", 1, { meta: { host: "own" } });
    };
    const meta = { tenant: "a", color: "green", host: "own" };
    deepEqual(await inherited(handler), { meta, trace: newer });
  });
  it("is refused when its meta is too large with what it inherits", async () => {
    const half = { meta: { a: "x".repeat(40_000) } };
    const handler = async (): Promise<JobHandle> => {
      await rejects(client.enqueue("child", 1, { meta: { b: "y".repeat(40_000) } }), {
        code: "INVALID_OPTION",
        message: /'meta' must be at most 65536 bytes of JSON, together with what the job inherits/,
      });
      return await client.enqueue("child", 1, { meta: { a: "small" } });
    };
    deepEqual((await inherited(handler, half)).meta, { a: "small" });
  });
  it("inherits when a callback or a hook enqueues it", async () => {
    const handles: JobHandle[] = [];
    const enqueue = async (): Promise<unknown> => handles.push(await client.enqueue("child"));
    server.handle("parent", () => {}, { onComplete: enqueue }).before(enqueue).after(enqueue);
    await client.enqueue("parent", 1, tenant);
    await server.start();
    await server.drain();
    const jobs = await Promise.all(handles.map((handle) => handle.job()));
    deepEqual(jobs.map((job) => job?.meta), [tenant.meta, tenant.meta, tenant.meta]);
  });

  it("inherits from the job that added it in the background", async () => {
    await using own = new BackgroundEnqueuer({ enqueue: (...job) => client.enqueue(...job) });
    const enqueuers = [own, client.background()];
    server.handle("parent", ({ job }) => {
      for (const [i, one] of enqueuers.entries()) one.add("child", 1, { id: `${job.id}.${i}` });
    });
    await client.enqueue("parent", 1, { id: "a", meta: { of: "a" } });
    await client.enqueue("parent", 1, { id: "b", meta: { of: "b" }, trace });
    await client.enqueue("parent", 1, { id: "c" });
    await server.start();
    await server.drain();
    for (const one of enqueuers) await one.flush();
    for (const id of ["a", "b", "c"]) {
      for (const i of [0, 1]) {
        const job = await client.getJob(`${id}.${i}`);
        deepEqual(job?.meta, id === "c" ? {} : { of: id }, id);
        deepEqual(job?.trace, id === "b" ? trace : undefined, id);
      }
    }
  });

  it("inherits from its own other when many run at once", async () => {
    server.handle("parent", async ({ job }) => {
      await later();
      const { id } = currentContext()!;
      equal(id, job.id);
      return (await client.enqueue("child")).id;
    });
    const handles = await client.enqueueMany(
      Array.from({ length: 20 }, (_, n) => ({ type: "parent", options: { meta: { n } } })),
    );
    await server.start();
    for (const [n, handle] of handles.entries()) {
      const child = await client.getJob(await handle.result() as string);
      deepEqual(child?.meta, { n });
    }
  });

  it("inherits from its item of a batch, not from the batch", async () => {
    const children: JobHandle[] = [];
    server.handleBatch("parent", async ({ jobs }) => {
      equal(currentContext(), undefined);
      for (const item of jobs) children.push(await item.enqueueChild("child"));
      children.push(await client.enqueue("child"));
    });
    await client.enqueueMany(
      ["a", "b"].map((of) => ({ type: "parent", options: { meta: { of } } })),
    );
    await server.start();
    await server.drain();
    const jobs = await Promise.all(children.map((handle) => handle.job()));
    deepEqual(jobs.map((job) => job?.meta), [{ of: "a" }, { of: "b" }, {}]);
  });

  it("inherits nothing when an attempt without anything follows one with something", async () => {
    const seen: unknown[] = [];
    server.handle("parent", async () => {
      await using inner = new Server({ store, logLevel: "silent" });
      inner.handle("inner", () => void seen.push(currentContext()));
      await inner.start();
      await client.enqueue("inner", 1, { inheritContext: false });
      await inner.drain();
    });
    await client.enqueue("parent", 1, tenant);
    await server.start();
    await server.drain();
    deepEqual(seen, [undefined]);
  });

  it("inherits from a claim when it is enqueued in its run", async () => {
    await using consumer = new Consumer({ store });
    await client.enqueue("parent", 1, tenant);
    const [work] = await consumer.claim({ types: ["parent"] });
    const child = await work!.run(() => later());
    const other = await later();
    await work!.complete();
    deepEqual([(await child.job())?.meta, (await other.job())?.meta], [tenant.meta, {}]);
  });
});

describe("a handler that does nothing but tell", () => {
  it("lets timers have their turn, also when the store answers at once", async () => {
    const store = memoryStore();
    await using client = new Client({ store });
    await using server = new Server({ store, logLevel: "silent" });
    server.handle("t", async ({ progress }) => {
      let turned = false;
      setTimeout(() => turned = true, 0);
      for (let n = 0; n < 100_000; n++) {
        await progress(n);
        if (turned) return "turned";
      }
      return "never";
    });
    await server.start();
    equal(await (await client.enqueue("t")).result(), "turned");
  });
});

describe("currentContext", () => {
  it("is undefined when no job runs", () => equal(currentContext(), undefined));

  it("tells of the job when it runs, and cannot change it", async () => {
    const store = memoryStore();
    await using client = new Client({ store });
    await using server = new Server({ store, logLevel: "silent" });
    server.handle("t", async () => {
      await undefined;
      (currentContext()!.meta as Record<string, unknown>).tenant = "changed";
      return currentContext();
    });
    await server.start();
    const handle = await client.enqueue("t", 1, { ...tenant, queue: "q" });
    const { id } = handle;
    deepEqual(await handle.result(), { id, type: "t", queue: "q", meta: tenant.meta, trace });
  });
});

describe("a client's context", () => {
  it("reaches jobs enqueued outside of handlers, also in the background", async () => {
    await using client = new Client({
      store: memoryStore(),
      context: () => ({ meta: { host: "h" }, trace }),
    });
    const handles = [await client.enqueue("t"), ...await client.enqueueMany([{ type: "t" }])];
    await using background = client.background({ onEnqueued: (handle) => handles.push(handle) });
    background.add("t", 1, { meta: { size: 1 } });
    await background.flush();
    const jobs = await Promise.all(handles.map((handle) => handle.job()));
    deepEqual(jobs.map((job) => job?.meta), [{ host: "h" }, { host: "h" }, { host: "h", size: 1 }]);
    deepEqual(jobs.map((job) => job?.trace), [trace, trace, trace]);
  });

  it("is asked in the async context of whoever added a job in the background", async () => {
    const request = new AsyncLocalStorage<string>();
    await using client = new Client({
      store: memoryStore(),
      context: () => ({ meta: { request: request.getStore() } }),
    });
    const handles: JobHandle[] = [];
    await using background = client.background({ onEnqueued: (handle) => handles.push(handle) });
    for (const id of ["a", "b"]) request.run(id, () => background.add("t"));
    background.add("t");
    await background.flush();
    const jobs = await Promise.all(handles.map((handle) => handle.job()));
    deepEqual(jobs.map((job) => job?.meta.request), ["a", "b", undefined]);
  });

  it("refuses the call when it is wrong", async () => {
    const wrong: readonly [EnqueueContext, RegExp][] = [
      [{ trace: { traceparent: "x" } }, /'context\.trace\.traceparent' must be/],
      [{ meta: [] as unknown as Record<string, unknown> }, /'context\.meta' must be an object/],
      [{ mata: {} } as EnqueueContext, /'context\.mata' must not be given/],
    ];
    for (const [told, message] of wrong) {
      await using client = new Client({ store: memoryStore(), context: () => told });
      await rejects(client.enqueue("t"), { code: "INVALID_OPTION", message });
    }
  });
});
