/** Spans as the SDK of OpenTelemetry records them, and a picture of them. Runs on Deno, Bun and Node. */

import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import {
  type Attributes,
  type Context,
  context,
  type ContextManager,
  ROOT_CONTEXT,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  type TracerProvider,
} from "@opentelemetry/api";
import { loadOtelSdk } from "../../tools/test/otel_sdk.ts";

/** A span that has ended. */
export interface EndedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
  readonly startTime: readonly [number, number];
  readonly endTime: readonly [number, number];
  readonly links: readonly { readonly context: SpanContext; readonly attributes?: Attributes }[];
  readonly events: readonly { readonly name: string; readonly attributes?: Attributes }[];
  readonly parentSpanContext?: SpanContext;
  spanContext(): SpanContext;
}

/** What this file takes from the SDK. */
interface Sdk {
  readonly InMemorySpanExporter: new () => { getFinishedSpans(): EndedSpan[] };
  readonly SimpleSpanProcessor: new (exporter: unknown) => unknown;
  readonly BasicTracerProvider: new (
    options: { spanProcessors: unknown[]; sampler?: unknown },
  ) => TracerProvider;
  readonly ParentBasedSampler: new (options: { root: unknown }) => unknown;
  readonly AlwaysOffSampler: new () => unknown;
}

const sdk = loadOtelSdk() as Sdk | undefined;

/** Why there is no SDK, or undefined if there is: a reason to skip a test. */
export const noSdk: string | undefined = sdk === undefined
  ? "Cannot trace without an SDK: run `deno task test`, which gets it"
  : undefined;
if (noSdk !== undefined) {
  // The test command gets it, so there its absence is a failure.
  if (process.env.GQM_TEST_REDIS) throw new Error(noSdk);
  console.error(noSdk);
}

/** A provider, and what it has recorded. */
export interface Recording {
  readonly tracerProvider: TracerProvider;
  /** Spans in the order of their ends. */
  readonly spans: () => readonly EndedSpan[];
}

/** Makes a provider whose spans are kept. @param samples Whether those without a parent are recorded. */
export function recording(samples: boolean = true): Recording {
  const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, ...others } = sdk!;
  const exporter = new InMemorySpanExporter();
  const root = new others.AlwaysOffSampler();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    ...!samples && { sampler: new others.ParentBasedSampler({ root }) },
  });
  return { tracerProvider, spans: () => exporter.getFinishedSpans() };
}

/** Has active spans follow the code, as an SDK does when a program begins. */
export function followCode(): void {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (at, call, self, ...args) => storage.run(at, () => call.apply(self!, args)),
    bind: (_at, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  context.disable();
  context.setGlobalContextManager(manager);
}

/** A span's name, attempt and outcome. */
function labelOf({ name, attributes }: EndedSpan): string {
  const attempt = attributes["gqm.job.attempt"];
  return attempt === undefined ? name : `${name} #${attempt} ${attributes["gqm.outcome"]}`;
}

/** A span as one line, with what it links to. */
function lineOf(span: EndedSpan, all: readonly EndedSpan[]): string {
  const linked = span.links.map(({ context: { spanId } }) => {
    const target = all.find((other) => other.spanContext().spanId === spanId);
    return ` ~ ${target === undefined ? "elsewhere" : labelOf(target)}`;
  });
  return labelOf(span) + linked.join("");
}

/** Spans as trees, one line each, those below others indented; of one name in the order of their attempts. */
export function treeOf(spans: readonly EndedSpan[]): string[] {
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  const attemptOf = ({ attributes }: EndedSpan): number =>
    Number(attributes["gqm.job.attempt"] ?? 0);
  // Not by time: spans that begin in the same millisecond could be told apart by nothing.
  const inOrder = (a: EndedSpan, b: EndedSpan): number =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : attemptOf(a) - attemptOf(b);
  const below = (parent: string | undefined, indent: string): string[] =>
    spans.filter(({ parentSpanContext: { spanId } = { spanId: "" } }) =>
      parent === undefined ? !ids.has(spanId) : spanId === parent
    ).toSorted(inOrder).flatMap((span) => [
      indent + lineOf(span, spans),
      ...below(span.spanContext().spanId, `${indent}  `),
    ]);
  return below(undefined, "");
}

/** Spans without those of upkeep. */
export function ofJobs(spans: readonly EndedSpan[]): readonly EndedSpan[] {
  return spans.filter(({ name }) => !name.startsWith("upkeep "));
}

/** The span of a name, of which there must be one. */
export function only(spans: readonly EndedSpan[], name: string): EndedSpan {
  const [span, ...others] = spans.filter((span) => span.name === name);
  if (span !== undefined && others.length === 0) return span;
  throw new Error(
    `Cannot give the only span '${name}': there are ${spans.map(({ name }) => name)}`,
  );
}
