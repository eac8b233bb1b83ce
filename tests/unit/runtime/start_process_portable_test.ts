/** A process in the place of a thread, below what pools make of it. */

import { deepEqual } from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { startProcess } from "../../../src/runtime/processes.ts";
import type { ThreadEnd } from "../../../src/runtime/threads.ts";

describe("startProcess", () => {
  const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

  it("tells the end of a process that could not be started", { skip: !isNode }, async () => {
    const { execPath } = process;
    const ended = Promise.withResolvers<ThreadEnd>();
    process.execPath = "/nowhere/node";
    try {
      const thread = await startProcess(new URL(import.meta.url), {
        data: {},
        onMessage: () => {},
        onEnd: ended.resolve,
      });
      await thread.terminate();
      const { code, error } = await ended.promise;
      deepEqual([code, (error as { code?: string }).code], [1, "ENOENT"]);
    } finally {
      process.execPath = execPath;
    }
  });
});
