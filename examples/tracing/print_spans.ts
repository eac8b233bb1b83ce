/** A tracer provider that keeps what it is told, to be printed: a program would register an SDK. */

import {
  type Attributes,
  type Link,
  type Span,
  type SpanContext,
  trace,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";

interface Kept {
  readonly name: string;
  readonly own: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly links: readonly Link[];
  readonly attributes: Attributes;
}

/** Keeps spans. */
export class SpanPrinter implements TracerProvider {
  readonly #kept: Kept[] = [];

  getTracer(): Tracer {
    const startSpan: Tracer["startSpan"] = (name, options, within) => {
      const { attributes, links = [] } = options ?? {};
      const parent = within && trace.getSpanContext(within);
      const hex = (digits: number) => (this.#kept.length + 1).toString(16).padStart(digits, "0");
      const own = { traceId: parent?.traceId ?? hex(32), spanId: hex(16), traceFlags: 1 };
      const kept = { name, own, parent, links, attributes: { ...attributes } };
      this.#kept.push(kept);
      const span: Span = {
        spanContext: () => own,
        setAttribute: (key, value) => (kept.attributes[key] = value, span),
        setAttributes: (more) => (Object.assign(kept.attributes, more), span),
        addEvent: () => span,
        addLink: () => span,
        addLinks: () => span,
        setStatus: () => span,
        updateName: () => span,
        recordException: () => {},
        isRecording: () => true,
        end: () => {},
      };
      return span;
    };
    const startActiveSpan = () => {
      throw new Error("Cannot start an active span as no context manager is registered");
    };
    return { startSpan, startActiveSpan };
  }

  /** Prints the spans of jobs, those below others indented: what upkeep does meanwhile is up to chance. */
  print(parent?: string, indent: string = ""): void {
    for (const { name, own, links, attributes, ...kept } of this.#kept) {
      if (kept.parent?.spanId !== parent || name.startsWith("upkeep ")) continue;
      const outcome = attributes["gqm.outcome"];
      const attempt = outcome === undefined
        ? ""
        : `, attempt ${attributes["gqm.job.attempt"]}: ${outcome}`;
      console.log(
        `${indent}${name}${attempt}${links.length > 0 ? ", linked to the one before" : ""}`,
      );
      this.print(own.spanId, `${indent}  `);
    }
  }
}
