/**
 * What a handler in a thread asks of its context, done on the main thread.
 *
 * @module
 */

import { DuplicateJobError } from "../enqueue/errors.ts";
import type { GraphNodes } from "../enqueue/graph.ts";
import type { JobHandle } from "../enqueue/handle.ts";
import type { JobContext } from "./context.ts";
import { errorData } from "./error_data.ts";
import type { Answer, Ask, HandleData } from "./thread_messages.ts";

/** Any context: what comes from a thread has no types left. */
interface LooseContext {
  readonly enqueueChild: (type: string, ...rest: unknown[]) => Promise<JobHandle>;
  readonly enqueueGraph: (graph: GraphNodes) => Promise<Readonly<Record<string, JobHandle>>>;
}

/** The calls of one job in a thread. */
export class ThreadCalls {
  readonly #context: JobContext;
  readonly #handles = new Map<string, JobHandle>();
  readonly #waiting = new Map<number, AbortController>();

  /** @param context The job's context on the main thread. */
  constructor(context: JobContext) {
    this.#context = context;
  }

  /** Does what is asked; undefined where no answer is wanted. Calls begin in the order in which they come. */
  async answer(call: number, ask: Ask): Promise<Answer | undefined> {
    try {
      if (ask.what === "forget") {
        this.#waiting.get(ask.asked)?.abort();
        return undefined;
      }
      return { ok: true, value: await this.#do(call, ask) };
    } catch (error) {
      if (error instanceof DuplicateJobError) this.#keep(error.existing);
      return { ok: false, error: errorData(error) };
    }
  }

  /** The job has ended: nobody waits for an answer any more. */
  end(): void {
    for (const waiting of this.#waiting.values()) waiting.abort();
  }

  async #do(call: number, ask: Exclude<Ask, { readonly what: "forget" }>): Promise<unknown> {
    const context = this.#context;
    const { enqueueChild, enqueueGraph } = context as unknown as LooseContext;
    switch (ask.what) {
      case "progress":
        return await context.progress(ask.value, ask.message);
      case "log":
        return await context.log(ask.text);
      case "parents":
        return await context.job.parents(ask.type);
      case "enqueueChild": {
        const { type, payload, options } = ask;
        return this.#keep(await enqueueChild(type, JSON.parse(payload), options));
      }
      case "enqueueGraph": {
        const handles = await enqueueGraph(withValues(ask.graph));
        return Object.fromEntries(
          Object.entries(handles).map(([name, handle]) => [name, this.#keep(handle)]),
        );
      }
      case "job":
        return await this.#handles.get(ask.id)!.job();
      case "result":
        return await this.#result(call, ask.id);
    }
  }

  #keep(handle: JobHandle): HandleData {
    this.#handles.set(handle.id, handle);
    const { id, status, isNew } = handle;
    return { id, status, isNew };
  }

  async #result(call: number, id: string): Promise<unknown> {
    const waiting = new AbortController();
    this.#waiting.set(call, waiting);
    try {
      return await this.#handles.get(id)!.result({ signal: waiting.signal });
    } finally {
      this.#waiting.delete(call);
    }
  }
}

function withValues(graph: GraphNodes): GraphNodes {
  if (typeof graph !== "object" || graph === null || Array.isArray(graph)) return graph;
  return Object.fromEntries(
    Object.entries(graph).map(([name, node]) => {
      if (typeof node !== "object" || node === null) return [name, node];
      return [name, { ...node, payload: JSON.parse(node.payload as string) as unknown }];
    }),
  );
}
