/** A client and a server on a memory store, whose spans are recorded. Runs on Deno, Bun and Node. */

import {
  Client,
  type ClientOptions,
  memoryStore,
  Server,
  type ServerOptions,
  type Store,
  type Tracing,
} from "../../mod.ts";
import { openTelemetry, type OpenTelemetryOptions } from "../../src/otel/mod.ts";
import type { FakeClock } from "../../src/testing/fake_clock.ts";
import { type EndedSpan, followCode, ofJobs, type Recording, recording, treeOf } from "./otel.ts";

/** What a world is made with. */
export interface TracedOptions {
  readonly otel?: OpenTelemetryOptions;
  readonly client?: ClientOptions;
  readonly server?: ServerOptions;
  /** Whether traces that begin here are recorded. */
  readonly samples?: boolean;
  /** Makes the store. */
  readonly store?: Store;
}

/** See the module. */
export class TracedWorld implements AsyncDisposable {
  readonly store: Store;
  readonly tracing: Tracing;
  readonly client: Client;
  readonly server: Server;
  readonly recording: Recording;

  constructor({ otel, client, server, samples, store = memoryStore() }: TracedOptions = {}) {
    followCode();
    this.store = store;
    this.recording = recording(samples);
    const { tracerProvider } = this.recording;
    this.tracing = openTelemetry({ tracerProvider, ...otel });
    const { tracing } = this;
    this.client = new Client({ store, tracing, ...client });
    this.server = new Server({ store, tracing, logLevel: "silent", maxRetry: 0, ...server });
  }

  /** Runs all jobs that are due, also those that these enqueue, and stops. */
  async run(): Promise<void> {
    await this.server.start();
    await this.server.drain();
    await this.server.stop();
  }

  /** Calls a function below a span of the caller's own. */
  async within<R>(name: string, call: () => R | Promise<R>): Promise<R> {
    const tracer = this.recording.tracerProvider.getTracer("test");
    return await tracer.startActiveSpan(name, async (span) => {
      try {
        return await call();
      } finally {
        span.end();
      }
    });
  }

  /** The spans of jobs: what upkeep does meanwhile is up to chance. */
  get spans(): readonly EndedSpan[] {
    return ofJobs(this.recording.spans());
  }

  get tree(): readonly string[] {
    return treeOf(this.spans);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await this.client.close();
    await this.store.close();
  }
}

/** Stops a server while time stands still. */
export async function stopUnder(clock: FakeClock, server: Server): Promise<void> {
  let stopped = false;
  const stopping = server.stop().finally(() => stopped = true);
  while (!stopped) await clock.advance(0);
  await stopping;
}
