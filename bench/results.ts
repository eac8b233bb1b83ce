/** Writes a run to a file that is kept in the repository. */

import { join } from "node:path";

/**
 * Writes `RESULTS.md` beside this file; with a latency, `RESULTS-1ms.md` and the like.
 *
 * @param args How the bench was called.
 * @param latencyMs What a round trip took longer.
 * @param texts The tables.
 * @returns The path of the file.
 */
export async function writeResults(
  args: readonly string[],
  latencyMs: number,
  texts: readonly string[],
): Promise<string> {
  const name = latencyMs === 0 ? "RESULTS.md" : `RESULTS-${latencyMs}ms.md`;
  const path = join(import.meta.dirname ?? ".", name);
  const head = `# Results of the benchmark

Taken on ${new Date().toISOString().slice(0, 10)} by

    deno task bench ${args.map(quoted).join(" ")}

in one run: in each round all systems take turns on one Redis, and the figures are medians of the
rounds. [README.md](README.md) says what each row measures and how far to trust it.`;
  await Deno.writeTextFile(path, `${[head, ...texts].join("\n\n")}\n`);
  return path;
}

/** An argument as a shell takes it. */
function quoted(arg: string): string {
  return /^[\w=.-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}
