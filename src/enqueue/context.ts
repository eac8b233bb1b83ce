/**
 * What jobs take over from where they are enqueued: meta and trace context.
 *
 * @module
 */

import { checkKeys } from "../checks.ts";
import { currentSettings } from "../context/current.ts";
import { InvalidOptionError } from "../errors.ts";
import { MAX_META_BYTES } from "../job/names.ts";
import { bytesIfAbove, serialize } from "../job/serialize.ts";
import {
  isTraceparent,
  isTracestate,
  type TraceContext,
  TRACEPARENT_RULE,
  TRACESTATE_RULE,
} from "../job/trace.ts";
import { PayloadNotSerializableError } from "./errors.ts";

/** What jobs take over from where they are enqueued. */
export interface EnqueueContext {
  /** Free data; a job's own keys win. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /** Trace that the job belongs to, unless it names its own. */
  readonly trace?: TraceContext;
}

const ENQUEUE = "enqueue job";

/**
 * What a job is to take over.
 *
 * @param ask Tells what surrounds the producer; it goes before the job.
 * @param job The job on whose behalf it is enqueued.
 * @returns Undefined if there is nothing.
 * @throws {InvalidOptionError} If what is told breaks its rule.
 */
export function surroundings(
  ask: (() => EnqueueContext | undefined) | undefined,
  job: EnqueueContext | undefined = currentSettings(),
): EnqueueContext | undefined {
  const told = ask?.();
  if (told === undefined || told === null) {
    return job?.meta === undefined && job?.trace === undefined ? undefined : job;
  }
  checkKeys(ENQUEUE, told, ["meta", "trace"], "context");
  const meta = mergedMeta(told.meta, job?.meta, "context.meta");
  const trace = told.trace === undefined ? job?.trace : toTrace(told.trace, "context.trace");
  return meta === undefined && trace === undefined ? undefined : { meta, trace };
}

/**
 * Meta with what it takes over: a copy, so that later changes by the caller do not reach the job.
 *
 * @throws {InvalidOptionError} If it is no object, or too large with what it takes over.
 * @throws {PayloadNotSerializableError} If JSON would lose a part of it.
 */
export function mergedMeta(
  own: EnqueueContext["meta"],
  inherited: EnqueueContext["meta"],
  option: string = "meta",
): EnqueueContext["meta"] {
  if (own === undefined && inherited === undefined) return undefined;
  if (own !== undefined && (typeof own !== "object" || own === null || Array.isArray(own))) {
    throw new InvalidOptionError(ENQUEUE, option, "be an object", own);
  }
  const meta = inherited === undefined ? own : { ...inherited, ...own };
  const text = serialize(meta, option);
  if (typeof text !== "string") throw new PayloadNotSerializableError(text.path, text.what);
  const bytes = bytesIfAbove(text, MAX_META_BYTES);
  if (bytes !== undefined) {
    const more = inherited === undefined ? "" : ", together with what the job inherits";
    const rule = `be at most ${MAX_META_BYTES} bytes of JSON${more}`;
    throw new InvalidOptionError(ENQUEUE, option, rule, `${bytes} bytes`);
  }
  return JSON.parse(text);
}

/**
 * A copy of a trace context.
 *
 * @throws {InvalidOptionError} If it breaks the rules of W3C Trace Context.
 */
export function toTrace(trace: TraceContext, option: string = "trace"): TraceContext {
  checkKeys(ENQUEUE, trace, ["traceparent", "tracestate"], option);
  const { traceparent, tracestate } = trace;
  if (!isTraceparent(traceparent)) {
    throw new InvalidOptionError(ENQUEUE, `${option}.traceparent`, TRACEPARENT_RULE, traceparent);
  }
  if (tracestate === undefined) return { traceparent };
  if (!isTracestate(tracestate)) {
    throw new InvalidOptionError(ENQUEUE, `${option}.tracestate`, TRACESTATE_RULE, tracestate);
  }
  return { traceparent, tracestate };
}
