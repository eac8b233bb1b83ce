/**
 * In which OpenTelemetry context jobs are enqueued and run.
 *
 * @module
 */

import { context, createContextKey, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { TraceContext } from "../job/trace.ts";
import type { EnqueueCall } from "../tracing.ts";
import { spanContextOf } from "./trace_context.ts";

/** What is noted in a context below an attempt: the attempt's trace, as its job passes it on. */
export const ATTEMPT: symbol = createContextKey("gqm attempt");

/** A `Context` of OpenTelemetry. */
export interface OtelContext {
  /** Reads a value. */
  getValue(key: symbol): unknown;
  /** Gives a context with one value more. */
  setValue(key: symbol, value: unknown): OtelContext;
  /** Gives a context with one value less. */
  deleteValue(key: symbol): OtelContext;
}

/**
 * The OpenTelemetry context of a job, for code that runs it outside a server's main thread: in a
 * pool with `isolate`, or with a `Consumer`. What is called in it belongs to the job's trace.
 *
 * @param job A job, or whatever has a trace.
 *
 * @example
 * ```ts
 * import { context, trace } from "@opentelemetry/api";
 * import { contextOf } from "@gqm/gqm/otel";
 * import { equal } from "node:assert/strict";
 *
 * const job = { trace: { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` } };
 * equal(trace.getSpanContext(contextOf(job))?.spanId, "b".repeat(16));
 * context.with(contextOf(job), () => trace.getTracer("mine").startSpan("step").end());
 * ```
 */
export function contextOf(job: { readonly trace?: TraceContext | undefined }): OtelContext {
  if (job.trace === undefined) return ROOT_CONTEXT;
  const at = trace.setSpanContext(ROOT_CONTEXT, spanContextOf(job.trace));
  return at.setValue(ATTEMPT, job.trace.traceparent);
}

/**
 * The context of a call that enqueues: the caller's, unless its jobs inherit from an attempt that the
 * caller's is not at or below. That is so in a callback, and where a thread asks: their context is that
 * of whichever job came by.
 */
export function surrounding({ parent, slot }: EnqueueCall): OtelContext {
  if (slot !== undefined) return contextOf({ trace: parent });
  const active = context.active();
  const isHere = parent === undefined || active.getValue(ATTEMPT) === parent.traceparent;
  return isHere ? active : contextOf({ trace: parent });
}
