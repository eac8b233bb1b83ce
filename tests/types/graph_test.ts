import {
  type AddJobs,
  type AnyJobs,
  checkedJob,
  Client,
  defineJobs,
  type Handler,
  job,
  type JobContext,
  type JobHandle,
  type JobStatus,
  memoryStore,
  type ParentEnd,
  Server,
  type StandardSchemaV1,
} from "../../mod.ts";
import { type Exact, isTrue } from "./exact.ts";

declare const dates: StandardSchemaV1<{ at: string }, { at: Date }>;

const jobs = defineJobs({
  "email.send": job<{ to: string }, { messageId: string }>(),
  "tick": job<void, number>(),
  "checked": checkedJob(null as unknown as typeof dates).returns<"ok">(),
});
type Jobs = typeof jobs;

/** Type tests are for the compiler: what is in here never runs. */
function compileOnly(_check: () => unknown): void {}

Deno.test("enqueueGraph infers the handle of each job by its name", () => {
  compileOnly(async () => {
    const client = new Client({ jobs, store: memoryStore() });
    const graph = await client.enqueueGraph({
      mail: { type: "email.send", payload: { to: "a" }, options: { priority: 3 } },
      tick: { type: "tick", dependsOn: ["mail", { job: "mail", onFailure: "continue" }] },
      checked: { type: "checked", payload: { at: "now" }, dependsOn: [{ id: "some-id" }] },
    });
    isTrue<Exact<keyof typeof graph, "mail" | "tick" | "checked">>();
    isTrue<Exact<typeof graph.mail, JobHandle<{ to: string }, { messageId: string }>>>();
    isTrue<Exact<Awaited<ReturnType<typeof graph.tick.result>>, number>>();
    isTrue<Exact<typeof graph.checked, JobHandle<{ at: string }, "ok">>>();
    isTrue<Exact<typeof graph.mail.isNew, boolean>>();
    // @ts-expect-error: a name outside the graph
    graph.other.id;
    await client.enqueueGraph({ b: { type: "tick", dependsOn: [graph.mail] } });

    // @ts-expect-error: a type outside the registry
    await client.enqueueGraph({ a: { type: "email.sent", payload: { to: "a" } } });
    // @ts-expect-error: a payload is missing
    await client.enqueueGraph({ a: { type: "email.send" } });
    // @ts-expect-error: the payload of another type of job
    await client.enqueueGraph({ a: { type: "email.send", payload: { at: "now" } } });
    // @ts-expect-error: the schema's output is not its input
    await client.enqueueGraph({ a: { type: "checked", payload: { at: new Date() } } });
    // @ts-expect-error: onConflict is not for graphs
    await client.enqueueGraph({ a: { type: "tick", options: { onConflict: "existing" } } });
    // @ts-expect-error: parents stand beside the options
    await client.enqueueGraph({ a: { type: "tick", options: { dependsOn: [] } } });
    // @ts-expect-error: a policy that does not exist
    await client.enqueueGraph({ a: { type: "tick", dependsOn: [{ id: "x", onFailure: "no" }] } });
  });
});

Deno.test("a graph that is built at run time gives handles by any name", () => {
  compileOnly(async () => {
    const client = new Client({ jobs, store: memoryStore() });
    const nodes = Object.fromEntries(["a", "b"].map((to) => [
      to,
      { type: "email.send" as const, payload: { to } },
    ]));
    const graph = await client.enqueueGraph(nodes);
    isTrue<Exact<(typeof graph)[string], JobHandle<{ to: string }, { messageId: string }>>>();
    const untyped = new Client({ store: memoryStore() });
    const any = await untyped.enqueueGraph({
      a: { type: "anything", payload: 5 },
      b: { type: "b" },
    });
    isTrue<Exact<typeof any.a, JobHandle<unknown, unknown>>>();
  });
});

Deno.test("dependsOn and unique are checked by the compiler", () => {
  compileOnly(async () => {
    const client = new Client({ jobs, store: memoryStore() });
    const parent = await client.enqueue("email.send", { to: "a" });
    await client.enqueue("tick", undefined, {
      dependsOn: ["id", parent, { id: "x", onFailure: "ignore" }],
      onMissingParent: "resolved",
      unique: { key: "k", until: "started", ttlMs: 5 },
      onConflict: "rerun",
    });
    // @ts-expect-error: a name in a graph is not known here
    await client.enqueue("tick", undefined, { dependsOn: [{ job: "a" }] });
    // @ts-expect-error: one parent is a list of one
    await client.enqueue("tick", undefined, { dependsOn: "a" });
    // @ts-expect-error: a time that does not exist
    await client.enqueue("tick", undefined, { unique: { key: "k", until: "ready" } });
    // @ts-expect-error: an option that does not exist
    await client.enqueue("tick", undefined, { unique: { name: "k" } });
  });
});

Deno.test("a handler's parents have the types of the registry", () => {
  compileOnly(() => {
    const server = new Server({ jobs, store: memoryStore() });
    server.handle("tick", async ({ job }) => {
      const [mail] = await job.parents("email.send");
      isTrue<Exact<NonNullable<typeof mail>["type"], "email.send">>();
      isTrue<Exact<NonNullable<typeof mail>["result"], { messageId: string } | undefined>>();
      isTrue<Exact<NonNullable<typeof mail>["status"], JobStatus>>();
      isTrue<Exact<NonNullable<typeof mail>["error"], string | undefined>>();
      const all = await job.parents();
      isTrue<Exact<(typeof all)[number], ParentEnd<Jobs>>>();
      for (const parent of all) {
        if (parent.type === "checked") isTrue<Exact<typeof parent.result, "ok" | undefined>>();
        if (parent.type === "tick") isTrue<Exact<typeof parent.result, number | undefined>>();
      }
      // @ts-expect-error: a type outside the registry
      await job.parents("email.sent");
      return all.length;
    });
  });
});

Deno.test("a handler adds jobs of the registry", () => {
  compileOnly(() => {
    const server = new Server({ jobs, store: memoryStore() });
    server.handle("tick", async ({ enqueueChild, enqueueGraph }) => {
      const child = await enqueueChild("email.send", { to: "a" }, { priority: 3 });
      isTrue<Exact<typeof child, JobHandle<{ to: string }, { messageId: string }>>>();
      await enqueueChild("tick");
      const graph = await enqueueGraph({
        mail: { type: "email.send", payload: { to: "a" } },
        tick: { type: "tick", dependsOn: ["mail"] },
      });
      isTrue<Exact<Awaited<ReturnType<typeof graph.mail.result>>, { messageId: string }>>();
      // @ts-expect-error: a type outside the registry
      await enqueueChild("email.sent", { to: "a" });
      // @ts-expect-error: a payload is missing
      await enqueueChild("email.send");
      // @ts-expect-error: a payload of another type
      await enqueueGraph({ a: { type: "email.send", payload: 5 } });
      return 1;
    });
  });
});

Deno.test("a handler without a registry may ask for any parents and add any jobs", () => {
  compileOnly(() => {
    const server = new Server({ store: memoryStore() });
    server.handle("anything", async ({ job, enqueueChild }) => {
      const [parent] = await job.parents("other");
      isTrue<Exact<NonNullable<typeof parent>["result"], unknown>>();
      await enqueueChild("x", { anything: true });
    });
  });
});

Deno.test("a handler that knows no registry fits into a server with one", () => {
  compileOnly(() => {
    const send: Handler<{ to: string }, { messageId: string }> = ({ job }) => ({
      messageId: job.payload.to,
    });
    const typed: Handler<{ to: string }, { messageId: string }, Jobs> = async (context) => {
      await context.enqueueChild("tick");
      return { messageId: context.job.payload.to };
    };
    const server = new Server({ jobs, store: memoryStore() });
    server.handle("email.send", send);
    new Server({ jobs, store: memoryStore() }).handle("email.send", typed);
    isTrue<Exact<JobContext["enqueueChild"], AddJobs<AnyJobs>["enqueueChild"]>>();
  });
});

Deno.test("a server's gate takes the names of types", () => {
  compileOnly(() => {
    const server = new Server({ jobs, store: memoryStore() });
    server.gate.close("email.send");
    isTrue<Exact<ReturnType<typeof server.gate.isOpen>, boolean>>();
    // @ts-expect-error: read-only
    server.gate = new Server().gate;
  });
});
