/** Runs a script as a process of the runtime that runs the tests. */

import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What came of a process. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it went on for long after it had said that it was done. */
  readonly lingered: boolean;
}

/** Longest that a process may take. */
const LIMIT_MS = 30_000;
/** Longest that it may go on when all that it was told to do is done, on a busy machine. */
const LINGER_MS = 4000;

/** Runs a script of `tests/redis/support` to its end; one that does not end is killed: code null. */
export async function runScript(name: string, args: readonly string[]): Promise<Ended> {
  const script = fileURLToPath(new URL(`./${name}`, import.meta.url));
  const flags = "Deno" in globalThis
    ? ["run", "--allow-all", "--no-check", "--quiet"]
    : "Bun" in globalThis
    ? []
    : ["--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let doneAt = Infinity;
  const [out, err] = [child.stdout, child.stderr].map(async (stream) => {
    let text = "";
    for await (const piece of stream) {
      text += new TextDecoder().decode(piece);
      if (text.endsWith("done\n")) doneAt = performance.now();
    }
    return text;
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearTimeout(limit);
  const lingered = performance.now() - doneAt > LINGER_MS;
  return { code, stdout: await out ?? "", stderr: await err ?? "", lingered };
}
