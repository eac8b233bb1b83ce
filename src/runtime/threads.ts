/**
 * Threads of the runtime: `node:worker_threads`, which Deno, Bun and Node have.
 * It is imported only when a thread is started, since some platforms lack it.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { processPort, standIn, startProcess } from "./processes.ts";

/** How a thread ended. */
export interface ThreadEnd {
  /** Its exit code. */
  readonly code: number;
  /** What it threw, if that ended it. */
  readonly error?: unknown;
}

/** What a thread is started with. */
export interface ThreadOptions {
  /** What it finds as `ThreadPort.data`; must be cloneable. */
  readonly data: unknown;
  /** Start a process in its place where `standIn` says so. @default {false} */
  readonly stoppable?: boolean;
  /** Path of the configuration that such a process reads, on Deno. @default {as Deno finds it} */
  readonly config?: string | undefined;
  /** Most memory of its heap, where `limitsMemory` is true. */
  readonly memoryLimitMb?: number | undefined;
  /** Called with each message of the thread. */
  readonly onMessage: (message: unknown) => void;
  /** Called once, when it has ended, by itself or by `terminate`. */
  readonly onEnd: (end: ThreadEnd) => void;
}

/** A thread, as the one that started it sees it. */
export interface Thread {
  /** Sends a message. One to a thread that has ended is dropped. */
  post(message: unknown): void;
  /** Ends it, also in the middle of a loop. Resolves when it has ended. */
  terminate(): Promise<void>;
}

/** The way from a thread to the one that started it. */
export interface ThreadPort {
  /** What the thread was started with. */
  readonly data: unknown;
  /** Sends a message. */
  post(message: unknown): void;
  /** Takes what is sent to the thread from now on. */
  listen(onMessage: (message: unknown) => void): void;
}

/** Whether the memory of a single thread, or of the process in its place, has a limit. */
export function limitsMemory(): boolean {
  return standIn(true) || (!("Deno" in globalThis) && !("Bun" in globalThis));
}

/** Whether `terminate` ends a thread that is in a loop. */
export function stopsLoops(): boolean {
  return !("Deno" in globalThis) || standIn(false);
}

/**
 * Starts a thread.
 *
 * @param entry What it runs first.
 */
export async function startThread(entry: URL, options: ThreadOptions): Promise<Thread> {
  const { data, stoppable, memoryLimitMb, onMessage, onEnd } = options;
  if (stoppable === true && standIn(memoryLimitMb !== undefined)) {
    return await startProcess(entry, options);
  }
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(startable(entry), {
    workerData: data,
    ...(memoryLimitMb === undefined
      ? undefined
      : { resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb } }),
  });
  let error: { readonly error: unknown } | undefined;
  const ended = Promise.withResolvers<void>();
  worker.on("message", onMessage);
  worker.on("error", (thrown: unknown) => error ??= { error: thrown });
  worker.once("exit", (code) => {
    ended.resolve();
    onEnd({ code, ...error });
  });
  return {
    post: (message) => worker.postMessage(message),
    terminate: async () => {
      await worker.terminate();
      await ended.promise;
    },
  };
}

/** Deno starts no thread from a remote file, but from a text that imports it. */
function startable(entry: URL): URL {
  if (entry.protocol === "file:") return entry;
  const text = `import ${JSON.stringify(entry.href)};`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}

/** The way to the thread, or process, that started this one. */
export async function threadPort(): Promise<ThreadPort> {
  const ofProcess = await processPort();
  if (ofProcess !== undefined) return ofProcess;
  const { parentPort, workerData } = await import("node:worker_threads");
  const port = parentPort!;
  return {
    data: workerData,
    post: (message) => port.postMessage(message),
    listen: (onMessage) => void port.on("message", onMessage),
  };
}

/** The URL of a module: a URL as it is, an absolute path as a `file:` URL; undefined for all else. */
export function absoluteModuleUrl(module: URL | string): URL | undefined {
  if (module instanceof URL) return module;
  if (typeof module !== "string") return undefined;
  if (isAbsolute(module)) return pathToFileURL(module);
  return /^[a-z][a-z0-9+.-]+:/i.test(module) ? URL.parse(module) ?? undefined : undefined;
}

/**
 * The URL of a file beside another of this package, which may be TypeScript or
 * what was made from it.
 *
 * @param name Its name without its ending.
 * @param from `import.meta.url` of the other.
 */
export function siblingUrl(name: string, from: string): URL {
  return new URL(`./${name}${/\.\w+$/.exec(from)?.[0] ?? ".ts"}`, from);
}
