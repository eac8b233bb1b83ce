/** Spans of upkeep, what is refused, and what an SDK throws. */

import { deepEqual, equal, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import {
  diag,
  DiagLogLevel,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
} from "@opentelemetry/api";
import { Client, memoryStore, Server, type UpkeepStep } from "../../../mod.ts";
import { openTelemetry } from "../../../src/otel/mod.ts";
import { RecentSpans } from "../../../src/otel/recent_spans.ts";
import { FakeClock } from "../../../src/testing/fake_clock.ts";
import { FaultyStore } from "../../../src/testing/faulty_store.ts";
import { noSdk, only, recording } from "../../support/otel.ts";
import { stopUnder } from "../../support/traced_world.ts";

const skip = noSdk ?? false;

describe("the span of a step of upkeep", { skip }, () => {
  it("comes at most every ten seconds, and tells of the steps between", () => {
    const { tracerProvider, spans } = recording();
    const tracing = openTelemetry({ tracerProvider });
    const at = Date.parse("2026-01-01T00:00:00Z");
    const step = (step: UpkeepStep["step"], afterMs: number, moved: number): void =>
      tracing.upkeep({ step, moved, at: at + afterMs, ranMs: 2 });
    step("promote", 0, 5);
    step("promote", 4000, 6);
    step("reap", 4000, 1);
    step("promote", 9999, 7);
    step("promote", 10_000, 8);
    deepEqual(
      spans().map(({ name, attributes }) => [
        name,
        attributes["gqm.upkeep.moved"],
        attributes["gqm.upkeep.rounds"],
      ]),
      [["upkeep promote", 5, 1], ["upkeep reap", 1, 1], ["upkeep promote", 21, 3]],
    );
    const { kind, startTime, endTime, parentSpanContext } = only(spans(), "upkeep reap");
    equal(kind, SpanKind.INTERNAL);
    equal(parentSpanContext, undefined);
    equal(startTime[0], (at + 4000) / 1000);
    equal(endTime[1] - startTime[1], 2e6);
  });

  it("is made by a server for what it did, and for what failed", async () => {
    const { tracerProvider, spans } = recording();
    const clock = new FakeClock();
    const faulty = new FaultyStore(memoryStore({ clock }));
    const { store } = faulty;
    faulty.fail("expire", { error: new RangeError("down") });
    const client = new Client({ store });
    await client.enqueue("mail", undefined, { delayMs: 1000 });
    // Without handlers it does the upkeep alone.
    const tracing = openTelemetry({ tracerProvider });
    const server = new Server({ store, clock, tracing, logLevel: "silent" });
    await server.start();
    while (spans().length < 2) await clock.advance(100);
    await stopUnder(clock, server);
    await client.close();
    deepEqual(spans().map(({ name }) => name).toSorted(), ["upkeep expire", "upkeep promote"]);
    const { status, attributes } = only(spans(), "upkeep expire");
    deepEqual(status, { code: SpanStatusCode.ERROR, message: "down" });
    equal(attributes["error.type"], "RangeError");
    equal(only(spans(), "upkeep promote").attributes["gqm.upkeep.moved"], 1);
  });
});

describe("openTelemetry", () => {
  it("refuses options that it does not know", () => {
    for (const options of [{ attempts: "parent" }, { provider: 1 }, null]) {
      throws(() => openTelemetry(options as object), { code: "INVALID_OPTION" });
    }
  });

  it("is refused by clients and servers if it lacks a method", () => {
    const message = /'tracing' must have the methods 'enqueue', 'attempt' and 'upkeep'/;
    for (const tracing of [null, {}, 1, { ...openTelemetry(), upkeep: undefined }]) {
      const options = { store: "memory:", tracing } as object;
      throws(() => new Client(options), { code: "INVALID_OPTION", message });
      throws(() => new Server(options), { code: "INVALID_OPTION", message });
    }
  });

  it("harms no job when an SDK throws", async () => {
    const errors: string[] = [];
    const ignore = (): void => {};
    const error = (message: string): void => void errors.push(message);
    diag.setLogger({ error, warn: ignore, info: ignore, debug: ignore, verbose: ignore }, {
      logLevel: DiagLogLevel.ERROR,
      suppressOverrideMessage: true,
    });
    const broken = (): never => {
      throw new Error("broken");
    };
    const tracer = { startSpan: broken, startActiveSpan: broken };
    const tracerProvider: TracerProvider = { getTracer: () => tracer };
    const tracing = openTelemetry({ tracerProvider });
    const store = memoryStore();
    const client = new Client({ store, tracing });
    const server = new Server({ store, tracing, logLevel: "silent" });
    server.handle("mail", () => "sent");
    await server.start();
    const handle = await client.enqueue("mail");
    equal(await handle.result(), "sent");
    tracing.upkeep({ step: "reap", moved: 1, at: 1, ranMs: 1 });
    await server.stop();
    await client.close();
    diag.disable();
    deepEqual(errors, ["Cannot trace 'send'", "Cannot trace 'process'", "Cannot trace 'upkeep'"]);
  });
});

describe("recent spans", () => {
  it("are given once, and the oldest are forgotten", () => {
    const recent = new RecentSpans(2);
    const span = (spanId: string) => ({ spanId, traceId: "t", traceFlags: 1 });
    for (const id of ["a", "b", "a", "c"]) recent.keep(id, span(id));
    deepEqual(["a", "b", "c", "a"].map((id) => recent.take(id)?.spanId), [
      "a",
      undefined,
      "c",
      undefined,
    ]);
  });
});
