/**
 * A further worker for the demo, in a process of its own.
 *
 * @module
 */

import { onTermination } from "../../runtime/signals.ts";
import type { Terminal } from "../../runtime/terminal.ts";
import { demoServer } from "./jobs.ts";
import { LiveLine } from "./live_line.ts";

/** Options of a demo worker. */
export interface DemoWorkerOptions {
  readonly store: string | undefined;
  readonly concurrency: number | undefined;
  readonly leaseMs: number | undefined;
}

/** Works until SIGINT or SIGTERM. */
export async function runDemoWorker(
  options: DemoWorkerOptions,
  terminal: Terminal,
): Promise<number> {
  const line = new LiveLine(terminal);
  const ends = new Map<string, number>();
  const stopped = Promise.withResolvers<void>();
  using _listener = onTermination(() => stopped.resolve());
  await using server = demoServer({
    ...options,
    onAttempt: (status) => {
      ends.set(status, (ends.get(status) ?? 0) + 1);
      line.show([...ends].map(([name, count]) => `${name} ${count}`).join("  "));
    },
  });
  await server.start();
  terminal.out(`Worker ${server.id} waits for the demo's jobs; Ctrl-C ends it\n`);
  await stopped.promise;
  line.end();
  return 0;
}
