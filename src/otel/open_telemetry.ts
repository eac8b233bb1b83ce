/**
 * Makes spans of OpenTelemetry for what clients and servers do.
 *
 * @module
 */

import {
  type Link,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";
import { checkKeys, checkOneOf } from "../checks.ts";
import type { ClaimedJob } from "../job/job.ts";
import type { AttemptSpan, EnqueueCall, EnqueueSpan, Tracing, UpkeepStep } from "../tracing.ts";
import { VERSION } from "../version.ts";
import { attemptAttributes, callAttributes, common } from "./attributes.ts";
import { RecentSpans } from "./recent_spans.ts";
import { fail, guarded, ProcessSpan, SendSpan } from "./spans.ts";
import { surrounding } from "./surroundings.ts";
import { spanContextOf } from "./trace_context.ts";

/** A `TracerProvider` of OpenTelemetry. */
export interface TracerSource {
  /** Gives the tracer of a library. */
  getTracer(name: string, version?: string): object;
}

/** Options of `openTelemetry`. */
export interface OpenTelemetryOptions {
  /** Makes the spans. @default {the one that an SDK has registered, also if it does so later} */
  readonly tracerProvider?: TracerSource;
  /**
   * How an attempt hangs on the call that enqueued its job. `child`: in the same trace, so that one
   * trace shows all that came of a request. `link`: in a trace of its own with a link, for jobs that
   * wait for days, or whose producers are sampled otherwise.
   * @default {"child"}
   */
  readonly attempts?: "child" | "link";
}

/** Least time between two spans of one step of upkeep, in milliseconds. */
const UPKEEP_EVERY_MS = 10_000;

/**
 * Follows jobs with OpenTelemetry: give what this returns to clients and servers as `tracing`.
 *
 * @throws {InvalidOptionError} If an option is unknown or breaks its rule.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Tracing {
  const action = "trace jobs";
  checkKeys(action, options, ["tracerProvider", "attempts"]);
  const { tracerProvider = trace, attempts = "child" } = options;
  checkOneOf(action, "attempts", attempts, ["child", "link"]);
  const tracer = (tracerProvider as TracerProvider).getTracer("@gqm/gqm", VERSION);
  return new JobTracing(tracer, attempts === "child");
}

/** What one step of upkeep has done since its last span. */
interface Untold {
  moved: number;
  rounds: number;
  toldAt: number;
}

class JobTracing implements Tracing {
  readonly #tracer: Tracer;
  readonly #oneTrace: boolean;
  readonly #recent = new RecentSpans();
  readonly #upkeep = new Map<UpkeepStep["step"], Untold>();

  constructor(tracer: Tracer, oneTrace: boolean) {
    this.#tracer = tracer;
    this.#oneTrace = oneTrace;
  }

  enqueue(call: EnqueueCall): EnqueueSpan {
    return guarded("send", UNTRACED_CALL, () => {
      const type = common(call.jobs, ({ type }) => type);
      const name = type === undefined ? "send" : `send ${type}`;
      const options = { kind: SpanKind.PRODUCER, attributes: callAttributes(call) };
      return new SendSpan(this.#tracer.startSpan(name, options, surrounding(call)));
    });
  }

  attempt(job: ClaimedJob, at: number): AttemptSpan {
    return guarded("process", UNTRACED_ATTEMPT, () => {
      const cause = job.settings.trace && spanContextOf(job.settings.trace);
      const before = this.#recent.take(job.id);
      const links: Link[] = [];
      let within = ROOT_CONTEXT;
      if (cause !== undefined && this.#oneTrace) within = trace.setSpanContext(within, cause);
      else if (cause !== undefined) links.push({ context: cause });
      if (before !== undefined) {
        links.push({ context: before, attributes: { "gqm.link": "previous attempt" } });
      }
      const attributes = attemptAttributes(job);
      const options = { kind: SpanKind.CONSUMER, attributes, links, startTime: at };
      const span = this.#tracer.startSpan(`process ${job.type}`, options, within);
      return new ProcessSpan(span, job, at, this.#recent);
    });
  }

  upkeep({ step, moved, at, ranMs, error }: UpkeepStep): void {
    const untold = this.#upkeep.get(step) ?? { moved: 0, rounds: 0, toldAt: -Infinity };
    this.#upkeep.set(step, untold);
    untold.moved += moved;
    untold.rounds++;
    if (Math.abs(at - untold.toldAt) < UPKEEP_EVERY_MS) return;
    const attributes = {
      "gqm.upkeep.step": step,
      "gqm.upkeep.moved": untold.moved,
      "gqm.upkeep.rounds": untold.rounds,
    };
    Object.assign(untold, { moved: 0, rounds: 0, toldAt: at });
    guarded("upkeep", undefined, () => {
      const options = { kind: SpanKind.INTERNAL, attributes, startTime: at };
      const span = this.#tracer.startSpan(`upkeep ${step}`, options, ROOT_CONTEXT);
      if (error !== undefined) fail(span, error, at + ranMs);
      span.end(at + ranMs);
    });
  }
}

const UNTRACED_CALL: EnqueueSpan = { trace: undefined, enqueued: () => {}, failed: () => {} };
const UNTRACED_ATTEMPT: AttemptSpan = {
  trace: undefined,
  run: (call) => call(),
  parents: () => {},
  ended: () => {},
};
