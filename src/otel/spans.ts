/**
 * The spans of calls that enqueue, and of attempts.
 *
 * @module
 */

import {
  context,
  diag,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ClaimedJob } from "../job/job.ts";
import type { TraceContext } from "../job/trace.ts";
import type { AttemptSpan, AttemptSpanEnd, EnqueuedJob, EnqueueSpan } from "../tracing.ts";
import { common } from "./attributes.ts";
import type { RecentSpans } from "./recent_spans.ts";
import { ATTEMPT } from "./surroundings.ts";
import { spanContextOf, traceContextOf } from "./trace_context.ts";

/** A call that enqueues. */
export class SendSpan implements EnqueueSpan {
  readonly trace: TraceContext | undefined;
  readonly #span: Span;

  /** @param span It has begun. */
  constructor(span: Span) {
    this.#span = span;
    this.trace = traceContextOf(span.spanContext());
  }

  enqueued(jobs: readonly EnqueuedJob[]): void {
    guarded("send", undefined, () => {
      const span = this.#span;
      const queue = common(jobs, ({ queue }) => queue);
      if (queue !== undefined) span.setAttribute("messaging.destination.name", queue);
      const [job] = jobs;
      if (jobs.length === 1) {
        span.setAttributes({ "messaging.message.id": job!.id, "gqm.job.is_new": job!.isNew });
      }
      link(span, jobs.map(({ trace }) => trace), this.trace);
      span.end();
    });
  }

  failed(error: unknown): void {
    guarded("send", undefined, () => {
      fail(this.#span, error);
      this.#span.end();
    });
  }
}

/** An attempt. */
export class ProcessSpan implements AttemptSpan {
  readonly trace: TraceContext | undefined;
  readonly #span: Span;
  readonly #id: string;
  readonly #cause: TraceContext | undefined;
  readonly #at: number;
  readonly #recent: RecentSpans;

  /**
   * @param span It has begun.
   * @param at When, in epoch milliseconds.
   * @param recent Takes it if the job may run again.
   */
  constructor(span: Span, { id, settings }: ClaimedJob, at: number, recent: RecentSpans) {
    this.#span = span;
    this.#id = id;
    this.#cause = settings.trace;
    this.#at = at;
    this.#recent = recent;
    this.trace = traceContextOf(span.spanContext());
  }

  run<R>(call: () => R): R {
    const below = trace.setSpan(ROOT_CONTEXT, this.#span);
    return context.with(below.setValue(ATTEMPT, this.trace?.traceparent), call);
  }

  parents(traces: readonly TraceContext[]): void {
    guarded("process", undefined, () => link(this.#span, traces, this.#cause));
  }

  ended({ outcome, ranMs, error, delayMs }: AttemptSpanEnd): void {
    guarded("process", undefined, () => {
      const span = this.#span;
      const at = this.#at + ranMs;
      span.setAttribute("gqm.outcome", outcome);
      if (outcome === "lost") fail(span, { name: "LeaseLostError", message: "Lease lost" }, at);
      else if (outcome === "canceled") span.setAttribute("gqm.cancel.reason", error?.message ?? "");
      else if (error !== undefined) fail(span, error, at);
      if (outcome === "retry") {
        span.addEvent("retry scheduled", { "gqm.retry.delay_ms": delayMs }, at);
      }
      if (outcome === "retry" || outcome === "released" || outcome === "lost") {
        this.#recent.keep(this.#id, span.spanContext());
      }
      span.end(at);
    });
  }
}

/** Links a span to others, to each once, and not to the one that it hangs on anyway. */
function link(
  span: Span,
  traces: readonly (TraceContext | undefined)[],
  known: TraceContext | undefined,
): void {
  const links = new Map<string, Link>();
  for (const one of traces) {
    if (one === undefined || one.traceparent === known?.traceparent) continue;
    links.set(one.traceparent, { context: spanContextOf(one) });
  }
  if (links.size > 0) span.addLinks([...links.values()]);
}

/** What of an error a span says. */
interface Reason {
  readonly name?: string;
  readonly message: string;
  readonly stack?: string;
}

/** Notes that what a span is about failed, and why. */
export function fail(span: Span, error: unknown, at?: number): void {
  const isReason = typeof (error as Reason | null | undefined)?.message === "string";
  const reason: Reason = isReason ? error as Reason : { message: String(error) };
  const { name = "Error", message, stack } = reason;
  span.recordException({ name, message, ...stack !== undefined && { stack } }, at);
  span.setAttribute("error.type", name);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Tracing must not harm what it follows, whatever the parts of an SDK throw. */
export function guarded<R>(what: string, otherwise: R, call: () => R): R {
  try {
    return call();
  } catch (error) {
    diag.error(`Cannot trace '${what}'`, error);
    return otherwise;
  }
}
