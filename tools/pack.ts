/**
 * Packs the package for npm: a tarball for Node and Bun that needs nothing but npm. `deno pack` compiles it; what that
 * leaves to be done is done here.
 *
 * `deno task pack [--out=FOLDER]`
 */

import { join, resolve } from "node:path";
import { build } from "./build.ts";
import { withStandInConfig } from "./pack/config.ts";
import { finish } from "./pack/finish.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");

/** Packs into a folder; gives the tarball's path. */
export async function pack(out: string): Promise<string> {
  const { name, version } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  await build(new URL("../", import.meta.url));
  const folder = resolve(ROOT, out);
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  const unpacked = await Deno.makeTempDir({ prefix: "gqm-pack-" });
  try {
    const compiled = join(unpacked, "compiled.tgz");
    // Source maps would hold every source a second time, with the paths of this machine.
    const args = ["pack", "--allow-dirty", "--no-source-maps", `--output=${compiled}`];
    await withStandInConfig(
      ROOT,
      async (config) => await run(Deno.execPath(), [...args, "--config", config], ROOT),
    );
    await run("tar", ["-xzf", compiled], unpacked);
    await finish(join(unpacked, "package"));
    await run("tar", ["-czf", path, "package"], unpacked);
  } finally {
    await Deno.remove(unpacked, { recursive: true });
  }
  return path;
}

async function run(bin: string, args: readonly string[], cwd: string): Promise<void> {
  const command = new Deno.Command(bin, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  });
  const { code, stderr } = await command.output();
  if (code === 0) return;
  throw new Error(`Cannot pack: ${new TextDecoder().decode(stderr).trim()}`);
}

if (import.meta.main) {
  const [first = "--out=dist", ...more] = Deno.args;
  const out = /^--out=(.+)$/.exec(first)?.[1];
  if (out === undefined || more.length > 0) {
    console.error(
      `Cannot pack as the only option is --out=FOLDER: current value is "${Deno.args.join(" ")}"`,
    );
    Deno.exit(2);
  }
  const path = await pack(out);
  const { size } = await Deno.stat(path);
  console.log(`${path} (${(size / 1e6).toFixed(1)} MB)`);
}
