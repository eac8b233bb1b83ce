/**
 * Traces jobs with OpenTelemetry, from the call that enqueues to the last attempt, and on to the
 * jobs that it enqueues. Needs `@opentelemetry/api`, and an SDK of yours that makes the spans.
 *
 * | Span             | Kind     | About                                                                   |
 * | ---------------- | -------- | ----------------------------------------------------------------------- |
 * | `send {type}`    | producer | One call that enqueues, of one job or many; one slot of a schedule      |
 * | `process {type}` | consumer | One attempt, from its start until the handler has ended                 |
 * | `upkeep {step}`  | internal | What a server did for the store, at most one per step in 10 s           |
 *
 * - A job carries the trace of its `send`, so attempts hang on it in any process, and all nodes of a
 *   graph on one. A `send` hangs on the span that is active where it is called; in a handler that is
 *   the attempt's, or one of your own below it.
 * - An attempt that fails has the exception and the event `retry scheduled`; the next one links to
 *   it if this process made both. A handler that reads `job.parents()` links to what enqueued those.
 * - `gqm.outcome` is `completed`, `retry`, `dead_letter`, `canceled`, `released` or `lost`. Spans end
 *   when the store has confirmed that; their time is the handler's.
 * - While it runs, `job.trace` and `currentContext().trace` are of the attempt itself, also in a
 *   thread: run your own spans there in `contextOf(job)`.
 * - A batch handler is called outside of all spans: each of its jobs has its own.
 *
 * @example
 * ```ts
 * import { Client, memoryStore, Server } from "@gqm/gqm";
 * import { openTelemetry } from "@gqm/gqm/otel";
 *
 * // An SDK registers a tracer provider and a context manager when the program begins, such as
 * // `new NodeSDK().start()` of "@opentelemetry/sdk-node"; Deno has one, with OTEL_DENO=true.
 * const tracing = openTelemetry();
 *
 * const store = memoryStore();
 * await using server = new Server({ store, tracing, logLevel: "warn" });
 * server.handle("order.place", async ({ job, enqueueChild }) => {
 *   await enqueueChild("mail.send", job.payload);
 * });
 * server.handle("mail.send", () => {});
 * await server.start();
 *
 * await using client = new Client({ store, tracing });
 * await (await client.enqueue("order.place", { book: 1 })).result();
 * await server.drain();
 * ```
 *
 * @module
 */

export { openTelemetry, type OpenTelemetryOptions, type TracerSource } from "./open_telemetry.ts";
export { contextOf, type OtelContext } from "./surroundings.ts";
