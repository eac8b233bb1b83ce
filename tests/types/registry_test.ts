import {
  type AnyJobs,
  checkedJob,
  Client,
  defineJobs,
  type InvalidPayloadPolicy,
  type Job,
  job,
  type JobHandle,
  type JobType,
  memoryStore,
  type Payload,
  type PayloadInput,
  type Result,
  type StandardSchemaV1,
} from "../../mod.ts";
import { type Exact, isTrue } from "./exact.ts";

declare const trimmed: StandardSchemaV1<{ at: string; note?: string }, { at: Date; note: string }>;
declare const optional: StandardSchemaV1<number | undefined, number>;

const jobs = defineJobs({
  "email.send": job<{ to: string; cc?: string[] }, { messageId: string }>(),
  "tick": job<void, number>({ retention: { completedMs: 1000, maxCount: 3 } }),
  "maybe": job<string | undefined, boolean>(),
  "untyped": job(),
  "checked": checkedJob(null as unknown as typeof trimmed).returns<"ok">(),
  "resultless": checkedJob(null as unknown as typeof trimmed),
  "defaulted": checkedJob(null as unknown as typeof optional, {
    onInvalidPayload: "cancel",
    retention: { failedMs: -1 },
  })
    .returns<void>(),
});
type Jobs = typeof jobs;

/** Type tests are for the compiler: what is in here never runs. */
function compileOnly(_check: () => unknown): void {}

Deno.test("JobType gives the names of the registry", () => {
  isTrue<
    Exact<
      JobType<Jobs>,
      "email.send" | "tick" | "maybe" | "untyped" | "checked" | "resultless" | "defaulted"
    >
  >();
  isTrue<Exact<JobType<AnyJobs>, string>>();
});

Deno.test("PayloadInput, Payload and Result give the types of a job", () => {
  isTrue<Exact<PayloadInput<Jobs, "email.send">, { to: string; cc?: string[] }>>();
  isTrue<Exact<Payload<Jobs, "email.send">, { to: string; cc?: string[] }>>();
  isTrue<Exact<Result<Jobs, "email.send">, { messageId: string }>>();
  isTrue<Exact<Payload<Jobs, "untyped">, unknown>>();
  isTrue<Exact<Result<Jobs, "untyped">, unknown>>();
  isTrue<Exact<Payload<AnyJobs, string>, unknown>>();
});

Deno.test("a schema's input goes in, its output reaches the handler", () => {
  isTrue<Exact<PayloadInput<Jobs, "checked">, { at: string; note?: string }>>();
  isTrue<Exact<Payload<Jobs, "checked">, { at: Date; note: string }>>();
  isTrue<Exact<Result<Jobs, "checked">, "ok">>();
  isTrue<Exact<Payload<Jobs, "resultless">, { at: Date; note: string }>>();
  isTrue<Exact<Result<Jobs, "resultless">, unknown>>();
});

Deno.test("enqueue infers payload and result from the type", () => {
  compileOnly(async () => {
    const client = new Client({ jobs, store: memoryStore() });
    const handle = await client.enqueue("email.send", { to: "a" }, { priority: 1 });
    isTrue<Exact<Awaited<ReturnType<typeof handle.result>>, { messageId: string }>>();
    const checked = await client.enqueue("checked", { at: "now" });
    isTrue<Exact<Awaited<ReturnType<typeof checked.result>>, "ok">>();

    await client.enqueue("tick");
    await client.enqueue("tick", undefined, { delayMs: 5 });
    await client.enqueue("maybe");
    await client.enqueue("maybe", "text");
    await client.enqueue("untyped");
    await client.enqueue("untyped", { anything: true });
    await client.enqueue("defaulted");

    // @ts-expect-error: a name outside the registry
    await client.enqueue("email.sent", { to: "a" });
    // @ts-expect-error: a payload is missing
    await client.enqueue("email.send");
    // @ts-expect-error: a payload of another type
    await client.enqueue("email.send", { to: 5 });
    // @ts-expect-error: a property that is not there
    await client.enqueue("email.send", { to: "a", bcc: [] });
    // @ts-expect-error: the schema's output is not its input
    await client.enqueue("checked", { at: new Date() });
    // @ts-expect-error: an option that does not exist
    await client.enqueue("tick", undefined, { maxRetries: 5 });
    // @ts-expect-error: an option of another type
    await client.enqueue("tick", undefined, { runAt: "tomorrow" });
    // @ts-expect-error: a conflict policy that does not exist
    await client.enqueue("tick", undefined, { onConflict: "merge" });
  });
});

Deno.test("enqueueMany infers the handle of each item", () => {
  compileOnly(async () => {
    const client = new Client({ jobs, store: memoryStore() });
    const [mail, tick, ...rest] = await client.enqueueMany([
      { type: "email.send", payload: { to: "a" } },
      { type: "tick", options: { delayMs: 5 } },
    ]);
    isTrue<Exact<Awaited<ReturnType<typeof mail.result>>, { messageId: string }>>();
    isTrue<Exact<Awaited<ReturnType<typeof tick.result>>, number>>();
    isTrue<Exact<typeof rest, []>>();

    const items = ["a", "b"].map((to) => ({ type: "email.send" as const, payload: { to } }));
    const many = await client.enqueueMany(items);
    isTrue<Exact<Awaited<ReturnType<(typeof many)[number]["result"]>>, { messageId: string }>>();

    // @ts-expect-error: a name outside the registry
    await client.enqueueMany([{ type: "email.sent" }]);
    // @ts-expect-error: the payload of another type of job
    await client.enqueueMany([{ type: "email.send", payload: { at: "now" } }]);
    // @ts-expect-error: onConflict is not for batches
    await client.enqueueMany([{ type: "tick", options: { onConflict: "existing" } }]);
  });
});

Deno.test("enqueueMany asks for the payload of a type that needs one", () => {
  compileOnly(async () => {
    const client = new Client({ jobs, store: memoryStore() });
    // @ts-expect-error: a payload is missing, as with enqueue
    await client.enqueueMany([{ type: "email.send" }]);
  });
});

Deno.test("a client without a registry takes any type and payload", () => {
  compileOnly(async () => {
    const client = new Client({ store: memoryStore() });
    const handle = await client.enqueue("anything", { a: 1 });
    isTrue<Exact<typeof handle, JobHandle<unknown, unknown>>>();
    await client.enqueue("anything");
    await client.enqueueMany([{ type: "a", payload: 1 }, { type: "b" }]);
    // @ts-expect-error: a type is a string
    await client.enqueue(5);
  });
});

Deno.test("getJob gives what the store has: the payload that went in", () => {
  compileOnly(async () => {
    const client = new Client({ jobs, store: memoryStore() });
    const found = await client.getJob<"email.send">("a");
    isTrue<Exact<typeof found, Job<{ to: string; cc?: string[] }, { messageId: string }> | null>>();
    // The store keeps a schema's input; its output exists in the handler only.
    const checked = await client.getJob<"checked">("a");
    isTrue<
      Exact<NonNullable<typeof checked>["payload"], { at: string; note?: string }>
    >();
  });
});

Deno.test("defineJobs refuses what is no definition", () => {
  compileOnly(() => {
    // @ts-expect-error: a policy that does not exist
    job<string>({ onInvalidPayload: "ignore" });
    // @ts-expect-error: no Standard Schema
    checkedJob({ parse: (value: unknown) => value });
    // @ts-expect-error: no definition
    defineJobs({ a: 5 });
    isTrue<Exact<InvalidPayloadPolicy, "dead_letter" | "cancel" | "retry">>();
  });
});

Deno.test("a registry that is annotated, not defined, works too", () => {
  compileOnly(async () => {
    interface Payloads {
      readonly "a": ReturnType<typeof job<{ n: number }, string>>;
      readonly "b": ReturnType<typeof job<void, number>>;
    }
    type Registry = { readonly [K in keyof Payloads]: Payloads[K] };
    const client = new Client<Registry>({ store: memoryStore() });
    const handle = await client.enqueue("a", { n: 1 });
    isTrue<Exact<Awaited<ReturnType<typeof handle.result>>, string>>();
    // @ts-expect-error: a payload of another type
    await client.enqueue("a", { n: "1" });
  });
});
