/**
 * Trace contexts as jobs carry them, and as OpenTelemetry has them.
 *
 * @module
 */

import { createTraceState, type SpanContext } from "@opentelemetry/api";
import { isTraceparent, isTracestate, type TraceContext } from "../job/trace.ts";

/** The span that a job's trace names, which may be of another process. */
export function spanContextOf({ traceparent, tracestate }: TraceContext): SpanContext {
  const [, traceId, spanId, flags] = traceparent.split("-") as [string, string, string, string];
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...tracestate !== undefined && { traceState: createTraceState(tracestate) },
  };
}

/**
 * What jobs carry of a span; undefined if it is none, as where no SDK is registered. A state that
 * breaks the rules of W3C is left out: it must not keep a job from being enqueued.
 */
export function traceContextOf(span: SpanContext): TraceContext | undefined {
  const flags = (span.traceFlags & 0xff).toString(16).padStart(2, "0");
  const traceparent = `00-${span.traceId}-${span.spanId}-${flags}`;
  if (!isTraceparent(traceparent)) return undefined;
  const tracestate = span.traceState?.serialize();
  return tracestate && isTracestate(tracestate) ? { traceparent, tracestate } : { traceparent };
}
