/**
 * A next version of this package, made of this one: it does the same, in the same layout, with other
 * words. What it adds, this version has to overlook.
 */

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DENO, type Launcher } from "./workers.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CONFIG = join(ROOT, "deno.json");
/** What is run of it. */
const WORKERS = ["tests/faults/mixed_worker.ts", "tests/faults/schedule_worker.ts"];
/** What worker processes are made of. */
const COPIED = ["mod.ts", "src", "tests/faults", "tests/support"];
/** Its number. */
export const NEXT_VERSION = "99.0.0";
/** The key that only its scripts know. */
export const NEWS = "news";

/** What is written otherwise, file by file. */
const EDITS: readonly (readonly [file: string, from: string, to: string])[] = [
  // Each script has another digest, and touches a key that nobody else knows.
  [
    "src/store/redis/scripts.gen.ts",
    ': "local R = KEYS[1]\\n',
    `: "-- Of the next version.\\nlocal R = KEYS[1]\\nredis.call('INCR', R .. '${NEWS}')\\n`,
  ],
  // A flag and a setting more in the packed records.
  ["src/store/redis/codec.ts", 'let special = "";', 'let special = ";z1;";'],
  [
    "src/store/redis/codec.ts",
    "  for (const key in settings) {",
    '  settings = { ...settings, shade: "blue" };\n  for (const key in settings) {',
  ],
  // A setting more in the rows, too.
  [
    "src/store/sqlite/codec.ts",
    "JSON.stringify(settings);",
    'JSON.stringify({ ...settings, shade: "blue" });',
  ],
  // Servers and pools say more of themselves.
  ["src/run/server_about.ts", "version: VERSION,", 'version: VERSION, shade: "blue",'],
  ["src/run/server_about.ts", "name: plan.name,", 'name: plan.name, shade: "blue",'],
  ["src/version.ts", 'VERSION = "', `VERSION = "${NEXT_VERSION}"; // "`],
];

/** The next version in a folder of its own. Disposing removes it. */
export class NextVersion implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes it. */
  static async make(): Promise<NextVersion> {
    const folder = await mkdtemp(join(tmpdir(), "gqm-next-"));
    for (const name of COPIED) {
      await cp(join(ROOT, name), join(folder, name), { recursive: true });
    }
    for (const [file, from, to] of EDITS) {
      const path = join(folder, file);
      const text = await readFile(path, "utf8");
      if (!text.includes(from)) throw new Error(`Cannot edit ${file} as it must have: ${from}`);
      await writeFile(path, text.replaceAll(from, () => to));
    }
    const next = new NextVersion(folder);
    await next.#warm();
    return next;
  }

  /** Brings its modules into the cache: else its first processes would be killed before they work. */
  async #warm(): Promise<void> {
    const scripts = WORKERS.map((script) => join(this.#folder, script));
    const args = ["cache", "--no-check", "--config", CONFIG, ...scripts];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }

  /** Runs scripts of the next version. */
  get launcher(): Launcher {
    return { ...DENO, args: ["run", "-A", "--no-check", "--config", CONFIG], root: this.#folder };
  }

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
