/** The module of the thread pools in tests. */

import { appendFileSync, existsSync } from "node:fs";
import process from "node:process";
import { threadId } from "node:worker_threads";
import {
  Cancel,
  currentContext,
  defineHandlers,
  defineJobs,
  DuplicateJobError,
  job,
  JobTimeoutError,
  RetryAfter,
  SkipRetry,
} from "../../../mod.ts";

class NoUse extends SkipRetry {}

/** What the threads of tests can run. */
export const jobs = defineJobs({
  "sum": job<readonly number[], number>(),
  "echo": job<unknown, unknown>(),
  "tell": job<
    void,
    { attempt: number; fence: number; thread: string; meta: unknown; current: unknown }
  >(),
  "spin": job<{ file: string }, never>(),
  "spinFor": job<number, string>(),
  "heeds": job<void, string>(),
  "heedsNot": job<{ file: string }, never>(),
  "throws": job<string, never>(),
  "exits": job<void, never>(),
  "strays": job<void, never>(),
  "hoards": job<void, never>(),
  "odd": job<string, unknown>(),
  "adds": job<void, { readonly child: string; readonly last: string; readonly refused: string }>(),
  "collects": job<void, unknown>(),
  "waits": job<void, unknown>(),
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Errors by name, as handlers throw them. */
const errors: Readonly<Record<string, () => unknown>> = {
  plain: () => new TypeError("plain"),
  coded: () => Object.assign(new Error("coded"), { code: "E_BUSY" }),
  skip: () => new Error("outer", { cause: new NoUse("inner") }),
  later: () => new RetryAfter(86_400_000, "tomorrow"),
  cancel: () => new Cancel("not wanted"),
  text: () => "a text",
  nothing: () => undefined,
};

export default defineHandlers<typeof jobs>({
  "sum": ({ job }) => job.payload.reduce((sum, n) => sum + n, 0),
  "echo": ({ job }) => job.payload,
  "tell": async ({ job, fence, progress, log }) => {
    log(`attempt ${job.attempt}`);
    await progress(0.5, "half");
    return {
      attempt: job.attempt,
      fence,
      thread: `${process.pid} ${threadId}`,
      meta: job.meta,
      current: currentContext()?.meta,
    };
  },
  "spin": ({ job }) => {
    // For ever, but not beyond the test, as some runtimes do not stop it.
    while (existsSync(job.payload.file)) {
      appendFileSync(job.payload.file, ".");
      const until = performance.now() + 20;
      while (performance.now() < until);
    }
    throw new Error("Cannot spin as the file is gone");
  },
  "spinFor": ({ job }) => {
    const until = performance.now() + job.payload;
    while (performance.now() < until);
    return "spun";
  },
  "heeds": async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return signal.reason instanceof JobTimeoutError ? "in time" : String(signal.reason);
  },
  "heedsNot": async ({ job }) => {
    while (true) {
      appendFileSync(job.payload.file, ".");
      await pause(10);
    }
  },
  "throws": ({ job }) => {
    throw errors[job.payload]!();
  },
  "exits": () => process.exit(3),
  "strays": async () => {
    setTimeout(() => {
      throw new RangeError("stray");
    }, 0);
    return await new Promise<never>(() => {});
  },
  "hoards": () => {
    const hoard: unknown[] = [];
    while (true) hoard.push(Array.from({ length: 10_000 }, () => ({ hoard: hoard.length })));
  },
  "odd": ({ job }) => {
    if (job.payload === "function") return () => {};
    if (job.payload === "date") return { at: new Date(0) };
    return "x".repeat(2 ** 21);
  },
  "adds": async ({ job, enqueueChild, enqueueGraph }) => {
    const child = await enqueueChild("sum", [1, 2], { id: `${job.id}-child` });
    const { last } = await enqueueGraph({
      first: { type: "sum", payload: [3, 4] },
      last: { type: "collects", dependsOn: ["first", child] },
    });
    const refused = await enqueueChild("sum", [0], { id: child.id }).then(String, async (error) => {
      if (!(error instanceof DuplicateJobError)) return String(error);
      return `${error.name} of ${(await error.existing.job())?.type}`;
    });
    return { child: child.id, last: last.id, refused };
  },
  "collects": async ({ job }) => (await job.parents()).map(({ result }) => result),
  "waits": async ({ enqueueChild }) => {
    const elsewhere = await enqueueChild("sum", [5], { dependsOn: ["there"], id: "with-there" });
    const aborted = elsewhere.result({ signal: AbortSignal.timeout(1) });
    const reason = await aborted.catch((error: Error) => error.name);
    return [reason, await elsewhere.result()];
  },
});
