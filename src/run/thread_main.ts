/**
 * What a thread of a pool runs: it loads the module with the handlers, and then
 * the jobs that the main thread sends.
 *
 * @module
 */

import { threadPort } from "../runtime/threads.ts";
import { errorData } from "./error_data.ts";
import type { Handler } from "./handler.ts";
import { ThreadJobs } from "./thread_jobs.ts";
import type { FromThread, ThreadData, ToThread } from "./thread_messages.ts";

const port = await threadPort();
const post = (message: FromThread): void => port.post(message);

try {
  const handlers = handlersIn(await import((port.data as ThreadData).module));
  if (typeof handlers === "string") {
    post({ kind: "unusable", rule: handlers, error: undefined });
  } else {
    const jobs = new ThreadJobs(handlers, post);
    port.listen((message) => jobs.take(message as ToThread));
    post({ kind: "ready", types: [...handlers.keys()] });
  }
} catch (error) {
  post({ kind: "unusable", rule: "load", error: errorData(error) });
}

/** The handlers of a module by type, or the rule that it breaks. */
function handlersIn(module: { readonly default?: unknown }): ReadonlyMap<string, Handler> | string {
  const handlers = module.default;
  if (typeof handlers !== "object" || handlers === null) {
    return "have handlers by type as its default export";
  }
  const entries = Object.entries(handlers);
  if (entries.length === 0) return "have at least one handler in its default export";
  const wrong = entries.find(([, handler]) => typeof handler !== "function");
  return wrong === undefined ? new Map(entries) : `have a function as the handler of '${wrong[0]}'`;
}
