/** `./otel`: spans go to the SDK that is installed beside the package. */

import { deepEqual } from "node:assert/strict";
import { createRequire } from "node:module";
import { Client, Server } from "@gqm/gqm";
import { openTelemetry, type TracerSource } from "@gqm/gqm/otel";

/** What this file takes from the SDK. */
interface Sdk {
  readonly InMemorySpanExporter: new () => { getFinishedSpans(): readonly { name: string }[] };
  readonly SimpleSpanProcessor: new (exporter: unknown) => unknown;
  readonly BasicTracerProvider: new (options: { spanProcessors: unknown[] }) => TracerSource;
}

const sdk: Sdk = createRequire(import.meta.url)("@opentelemetry/sdk-trace-base");
const exporter = new sdk.InMemorySpanExporter();
const tracerProvider = new sdk.BasicTracerProvider({
  spanProcessors: [new sdk.SimpleSpanProcessor(exporter)],
});
const tracing = openTelemetry({ tracerProvider });
const store = "memory:consumer-otel";
{
  await using server = new Server({ store, tracing, logLevel: "silent" });
  server.handle("greet", () => {});
  await server.start();
  await using client = new Client({ store, tracing });
  await (await client.enqueue("greet", {})).result();
}
const names = exporter.getFinishedSpans().map(({ name }) => name);
deepEqual(names.filter((name) => !name.startsWith("upkeep")), ["send greet", "process greet"]);
console.log("otel: ok");
