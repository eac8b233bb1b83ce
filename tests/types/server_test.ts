import {
  type AttemptEnd,
  checkedJob,
  defineJobs,
  type Handler,
  job,
  type JobContext,
  memoryStore,
  type Middleware,
  Server,
  type StandardSchemaV1,
} from "../../mod.ts";
import { type Exact, isTrue } from "./exact.ts";

declare const dates: StandardSchemaV1<{ at: string }, { at: Date }>;

const jobs = defineJobs({
  "email.send": job<{ to: string }, { messageId: string }>(),
  "tick": job<void, void>(),
  "checked": checkedJob(null as unknown as typeof dates).returns<number>(),
});

function compileOnly(_check: () => unknown): void {}

Deno.test("handle infers payload and result from the type", () => {
  compileOnly(() => {
    const server = new Server({ jobs, store: memoryStore() });
    server.handle("email.send", (context) => {
      isTrue<
        Exact<typeof context, JobContext<{ to: string }, { messageId: string }, typeof jobs>>
      >();
      return { messageId: context.job.payload.to };
    });
    server.handle("email.send", async ({ job }) => {
      await undefined;
      return { messageId: job.payload.to };
    });
    server.handle("checked", ({ job }) => job.payload.at.getTime());
    server.handle("tick", () => {});
    server.handle("tick", async () => {});

    // @ts-expect-error: a name outside the registry
    server.handle("email.sent", () => {});
    // @ts-expect-error: a result of another type
    server.handle("email.send", () => ({ id: "x" }));
    // @ts-expect-error: no result
    server.handle("email.send", () => {});
    // @ts-expect-error: a promise of another type
    server.handle("checked", () => Promise.resolve("5"));
    server.handle("checked", ({ job }) => {
      // @ts-expect-error: the schema's output, not its input
      const at: string = job.payload.at;
      return at.length;
    });
    // @ts-expect-error: an option that does not exist
    server.handle("tick", () => {}, { workers: 5 });
  });
});

Deno.test("a handler of its own keeps its types", () => {
  compileOnly(() => {
    const send: Handler<{ to: string }, { messageId: string }> = ({ job }) => ({
      messageId: job.payload.to,
    });
    const server = new Server({ jobs, store: memoryStore() });
    server.handle("email.send", send);
    // @ts-expect-error: a handler of another payload
    server.handle("checked", send);
  });
});

Deno.test("callbacks know payload and result", () => {
  compileOnly(() => {
    const server = new Server({ jobs, store: memoryStore() });
    server.handle("email.send", () => ({ messageId: "a" }), {
      onSuccess: (end) => {
        isTrue<Exact<typeof end, AttemptEnd<{ to: string }, { messageId: string }>>>();
        isTrue<Exact<typeof end.result, { messageId: string } | undefined>>();
      },
      onComplete: (end) => {
        isTrue<Exact<typeof end.job.payload, { to: string }>>();
      },
    });
  });
});

Deno.test("the methods of a server can be chained", () => {
  compileOnly(() => {
    const server = new Server({ jobs, store: memoryStore() });
    const same = server.handle("tick", () => {}).pool({ name: "p" }).use((_, next) => next());
    isTrue<Exact<typeof same, typeof server>>();
  });
});

Deno.test("a server without a registry handles any type", () => {
  compileOnly(() => {
    const server = new Server({ store: memoryStore() });
    server.handle("anything", ({ job }) => {
      isTrue<Exact<typeof job.payload, unknown>>();
      // @ts-expect-error: an unknown payload must be looked at first
      return job.payload.to;
    });
  });
});

Deno.test("a context's parts can only be read, its signal is an AbortSignal", () => {
  compileOnly(() => {
    const middleware: Middleware = async (context, next) => {
      isTrue<Exact<typeof context.signal, AbortSignal>>();
      isTrue<Exact<typeof context.fence, number>>();
      isTrue<Exact<ReturnType<typeof context.progress>, Promise<void>>>();
      // @ts-expect-error: read-only
      context.fence = 5;
      // @ts-expect-error: read-only
      context.job.payload = 5;
      return await next();
    };
    return middleware;
  });
});

Deno.test("pool options are checked by the compiler", () => {
  compileOnly(() => {
    const server = new Server({ store: memoryStore() });
    server.pool({ name: "p", types: ["a"], queues: ["q"], strategy: "strict", concurrency: 5 });
    // @ts-expect-error: a name is missing
    server.pool({ concurrency: 5 });
    // @ts-expect-error: a strategy that does not exist
    server.pool({ name: "p", queues: ["q"], strategy: "random" });
    // @ts-expect-error: not an option
    server.pool({ name: "p", jobTypes: ["a"] });
  });
});
