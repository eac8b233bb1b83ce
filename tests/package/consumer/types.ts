/** What the compiler is to infer from the package's types. It is not run. */

import {
  checkedJob,
  Client,
  type createMonitor,
  defineJobs,
  job,
  type JobContext,
  type JobHandle,
  type Monitor,
  redisStore,
  Server,
  type StandardSchemaV1,
  type Store,
} from "@gqm/gqm";
import { loadConfig, type LoadedConfig } from "@gqm/gqm/config";
import { openTelemetry } from "@gqm/gqm/otel";
import { type HandlerRun, runHandler, TestQueue } from "@gqm/gqm/testing";
import "@gqm/gqm/cli";

type Exact<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
function isTrue<_T extends true>(): void {}

declare const dates: StandardSchemaV1<{ at: string }, { at: Date }>;

const jobs = defineJobs({
  "email.send": job<{ to: string }, { messageId: string }>(),
  "checked": checkedJob(dates).returns<number>(),
});

/** Never called. */
export async function compileOnly(): Promise<void> {
  const store = redisStore("redis://127.0.0.1", { prefix: "mail" });
  isTrue<typeof store extends Store ? true : false>();
  const client = new Client({ jobs, store, tracing: openTelemetry() });
  const sent = await client.enqueue("email.send", { to: "ada@example.com" }, { delayMs: 1 });
  isTrue<Exact<typeof sent, JobHandle<{ to: string }, { messageId: string }>>>();
  // @ts-expect-error: a type outside the registry
  await client.enqueue("email.sent", { to: "ada@example.com" });
  // @ts-expect-error: a payload of another type
  await client.enqueue("email.send", { to: 5 });

  const server = new Server({ jobs, store });
  server.handle("checked", (context) => {
    isTrue<Exact<typeof context, JobContext<{ at: Date }, number, typeof jobs>>>();
    return context.job.payload.at.getTime();
  });
  // @ts-expect-error: a result of another type
  server.handle("email.send", () => ({ id: "x" }));
  isTrue<Exact<ReturnType<typeof createMonitor>, Monitor>>();

  const config = await loadConfig("gqm.yaml");
  isTrue<Exact<typeof config, LoadedConfig>>();
  Server.fromConfig(config, { jobs }).handle("email.send", ({ job }) => {
    isTrue<Exact<typeof job.payload, { to: string }>>();
    return { messageId: job.id };
  });

  const queue = new TestQueue({ jobs });
  await queue.assertEnqueued("email.send", { payload: { to: "ada@example.com" } });
  // @ts-expect-error: a property that the payload has not
  await queue.assertEnqueued("email.send", { payload: { from: "ada@example.com" } });
  const run = await runHandler(({ job }: JobContext<string, number>) => job.payload.length, "x");
  isTrue<typeof run extends HandlerRun<number> ? true : false>();
}
