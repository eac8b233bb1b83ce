/**
 * The context of a handler in a thread: each method asks the main thread.
 *
 * @module
 */

import { PayloadNotSerializableError } from "../enqueue/errors.ts";
import type { GraphNodes } from "../enqueue/graph.ts";
import type { JobHandle } from "../enqueue/handle.ts";
import type { EnqueueOptions } from "../enqueue/options.ts";
import type { Job } from "../job/job.ts";
import { serialize } from "../job/serialize.ts";
import type { JobContext } from "./context.ts";
import type { RunningJob } from "./family.ts";
import type { Ask, HandleData, ThreadTask } from "./thread_messages.ts";

/** Asks the main thread. `call` is the number by which the answer can be forgotten. */
export type AskMain = (ask: Ask) => { readonly call: number; readonly answer: Promise<unknown> };

/** Makes the context of a job that a thread was given. */
export function threadContext(
  { job, payload, fence }: ThreadTask,
  signal: AbortSignal,
  ask: AskMain,
): JobContext {
  const tell = async (told: Ask): Promise<void> => void await ask(told).answer;
  const running: Job = payload === undefined
    ? job as Job
    : { ...job, payload: JSON.parse(payload) as unknown };
  // Not enumerable: a job can be cloned, and a function cannot.
  Object.defineProperty(running, "parents", {
    value: (type?: string) => ask({ what: "parents", type }).answer,
  });
  return {
    job: running as RunningJob,
    signal,
    fence,
    progress: (value, message) =>
      tell({ what: "progress", value, message: message === undefined ? undefined : `${message}` }),
    log: (text) => tell({ what: "log", text: String(text) }),
    enqueueChild: (async (type: string, payload?: unknown, options?: EnqueueOptions) => {
      const child = { type, payload: payloadText(payload), options: withPlainMeta(options) };
      return handleFrom(await ask({ what: "enqueueChild", ...child }).answer, ask);
    }) as JobContext["enqueueChild"],
    enqueueGraph: (async (graph: GraphNodes) => {
      const handles = await ask({ what: "enqueueGraph", graph: withTexts(graph) }).answer;
      return Object.fromEntries(
        Object.entries(handles as Record<string, unknown>)
          .map(([name, handle]) => [name, handleFrom(handle, ask)]),
      );
    }) as JobContext["enqueueGraph"],
  };
}

/** A handle of a job, which asks the main thread. */
class ThreadHandle implements JobHandle {
  readonly id: string;
  readonly status: HandleData["status"];
  readonly isNew: boolean;
  readonly #ask: AskMain;

  constructor({ id, status, isNew }: HandleData, ask: AskMain) {
    this.id = id;
    this.status = status;
    this.isNew = isNew;
    this.#ask = ask;
  }

  job(): Promise<Job | null> {
    return this.#ask({ what: "job", id: this.id }).answer as Promise<Job | null>;
  }

  async result({ signal }: { readonly signal?: AbortSignal } = {}): Promise<unknown> {
    signal?.throwIfAborted();
    const { call, answer } = this.#ask({ what: "result", id: this.id });
    if (signal === undefined) return await answer;
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => {
      aborted.reject(signal.reason);
      this.#ask({ what: "forget", asked: call });
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([answer, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}

/** Makes a handle from what came from the main thread. */
export function handleFrom(data: unknown, ask: AskMain): JobHandle {
  return new ThreadHandle(data as HandleData, ask);
}

/** Here, since a clone would lose what a `toJSON` says. */
function payloadText(payload: unknown): string {
  const text = serialize(payload, "payload");
  if (typeof text === "string") return text;
  throw new PayloadNotSerializableError(text.path, text.what);
}

/** What is wrong with it is told by the main thread. */
function withPlainMeta(options: EnqueueOptions | undefined): EnqueueOptions | undefined {
  const text = options?.meta === undefined ? undefined : serialize(options.meta, "meta");
  return typeof text === "string" ? { ...options, meta: JSON.parse(text) } : options;
}

function withTexts(graph: GraphNodes): GraphNodes {
  if (typeof graph !== "object" || graph === null || Array.isArray(graph)) return graph;
  return Object.fromEntries(
    Object.entries(graph).map(([name, node]) => {
      if (typeof node !== "object" || node === null) return [name, node];
      const { options, payload } = node;
      const plain = options === undefined ? {} : { options: withPlainMeta(options) };
      return [name, { ...node, ...plain, payload: payloadText(payload) }];
    }),
  );
}
