/** Starts a process that serves the monitor. */

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { runtimes } from "../../tools/runtimes.ts";

/** A process that serves the monitor. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Starts a script on a runtime, with the store's URL; it prints where it serves. */
export async function start(runtime: string, script: string, store: string): Promise<Served> {
  const [bin, args] = runtime === "deno"
    ? [Deno.execPath(), ["run", "-A", "--no-check"]]
    : [(await runtimes())[runtime as "bun" | "node"].bin, []];
  const child = new Deno.Command(bin, {
    args: [...args, script, store],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = createInterface(Readable.fromWeb(child.stdout))[Symbol.asyncIterator]();
  const { value: url = "" } = await lines.next();
  return {
    url,
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}
