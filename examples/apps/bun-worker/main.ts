/**
 * A worker for Bun, which has a bundler at hand. Producers run on any runtime; producer.ts is one.
 *
 *     bun examples/apps/bun-worker/main.ts [FOLDER]
 *
 * It goes on until SIGTERM or Ctrl-C, and lets bundles that are under way end.
 */

import { mkdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import { Server, SkipRetry } from "../../../mod.ts";
import { folder, jobs, store } from "./jobs.ts";

/** What is used of Bun; with `@types/bun` this is not needed. */
declare const Bun: {
  readonly version: string;
  build(options: {
    readonly entrypoints: readonly string[];
    readonly minify: boolean;
    readonly target: "browser";
    readonly throw: false;
  }): Promise<{ success: boolean; logs: readonly unknown[]; outputs: readonly Blob[] }>;
  write(path: string, content: Blob): Promise<number>;
};

if (typeof Bun === "undefined") {
  throw new Error(
    "Cannot bundle as this worker must run on Bun: bun examples/apps/bun-worker/main.ts",
  );
}

const output = resolve(folder, "bundles");
await mkdir(output, { recursive: true });

const server = new Server({ jobs, store, logLevel: "warn" });
server.pool({ name: "bundles", types: ["script.bundle"], concurrency: 2, timeoutMs: 60_000 });
server.handle("script.bundle", async ({ job, log, signal }) => {
  const { entry } = job.payload;
  const built = await Bun.build({
    entrypoints: [entry],
    minify: true,
    target: "browser",
    throw: false,
  });
  for (const line of built.logs) await log(String(line));
  const [bundle] = built.outputs;
  // A source that is wrong stays so: no retry makes it right.
  if (!built.success || !bundle) throw new SkipRetry(`${basename(entry)} cannot be bundled`);
  // Bun's bundler takes no signal. What comes too late is not written, as another run may have done so.
  signal.throwIfAborted();
  const file = join(output, basename(entry).replace(/\.ts$/, ".js"));
  return { file, bytes: await Bun.write(file, bundle), by: `Bun ${Bun.version}` };
});

server.on("server.started", () => console.log(`bundles scripts, as process ${process.pid}`));
await server.run();
console.log("stopped");
