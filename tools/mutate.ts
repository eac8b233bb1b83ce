/**
 * Plants bugs, one at a time, in a copy of the sources, and tells which of them the tests catch.
 *
 * `deno run -A tools/mutate.ts [--only=TEXT] [--show]`: `--only` takes the bugs whose name or file
 * contains the text, `--show` prints what the tests say. Exits with 1 if one is not caught, or does not fit the sources any more.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Planted, planted, SUITES } from "./mutate/planted.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** What the copy needs to run the suites. */
const COPIED = ["src", "lua", "tests", "tools", "docs", "mod.ts", "cli.ts", "deno.json"];
const LINKED = ["node_modules", ".runtimes", "deno.lock"];

async function run(cwd: string, ...args: readonly string[]): Promise<{ ok: boolean; out: string }> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    stdout: "piped",
    stderr: "null",
  }).output();
  return { ok: success, out: new TextDecoder().decode(stdout) };
}

async function copyTo(target: string): Promise<void> {
  for (const name of COPIED) {
    const { success } = await new Deno.Command("cp", { args: ["-r", join(ROOT, name), target] })
      .output();
    if (!success) throw new Error(`Cannot copy sources as this must be readable: '${name}'`);
  }
  for (const name of LINKED) await Deno.symlink(join(ROOT, name), join(target, name));
}

/** Changes a file in the copy; false if the text is not there exactly once. */
async function plant(copy: string, { file, find, put }: Planted): Promise<boolean> {
  const path = join(copy, file);
  const text = await Deno.readTextFile(path);
  if (text.split(find).length !== 2) return false;
  await Deno.writeTextFile(path, text.replace(find, () => put));
  return true;
}

/** The suite that fails, if one does. */
async function caughtBy(copy: string, bug: Planted): Promise<string | undefined> {
  const std = (await run(copy, "run", "-A", "tools/std.ts")).out.trim().split(/\s+/);
  for (const suite of bug.suites) {
    const args = ["test", "-A", "--no-check", "--fail-fast", ...std, ...SUITES[suite]];
    const { ok, out } = await run(copy, ...args);
    if (Deno.args.includes("--show")) console.log(out);
    if (!ok) return suite;
  }
  return undefined;
}

const only = Deno.args.find((arg) => arg.startsWith("--only="))?.slice("--only=".length) ?? "";
const copy = await Deno.makeTempDir({ prefix: "gqm-mutate-" });
let missed = 0;
try {
  await copyTo(copy);
  for (const bug of planted.filter(({ name, file }) => `${name} (${file})`.includes(only))) {
    const fits = await plant(copy, bug);
    if (fits && bug.file.startsWith("lua/")) await run(copy, "run", "-A", "tools/gen.ts");
    const suite = fits ? await caughtBy(copy, bug) : undefined;
    if (suite === undefined) missed++;
    const verdict = fits
      ? (suite === undefined ? "NOT CAUGHT" : `caught by ${suite}`)
      : "DOES NOT FIT";
    console.log(`${verdict}: ${bug.name} (${bug.file})`);
    await Deno.copyFile(join(ROOT, bug.file), join(copy, bug.file));
    const generated = "src/store/redis/scripts.gen.ts";
    await Deno.copyFile(join(ROOT, generated), join(copy, generated));
  }
} finally {
  await Deno.remove(copy, { recursive: true });
}
console.log(missed === 0 ? "All were caught" : `${missed} were not caught`);
Deno.exit(missed === 0 ? 0 : 1);
