/** Does what `deno pack` leaves to be done in a package for npm. */

import { join, relative, sep } from "node:path";
import { STAND_INS } from "./config.ts";

/** The folder of the stand-ins in the package. */
const FOLDER = "std";
const COMMAND = "bin/gqm.js";
const NODE_MAJOR = 24;
const DESCRIPTION =
  "A job queue for Deno, Bun and Node: typed jobs, retries, graphs, schedules; memory, SQLite and Redis stores";

/**
 * The command, without `import.meta.main`, which the first versions of Node 24 do not have. It says so where Node is too
 * old for the syntax of what it imports.
 */
const COMMAND_SOURCE = `#!/usr/bin/env node
import process from "node:process";

const { node } = process.versions;
if (Number.parseInt(node) < ${NODE_MAJOR}) {
  console.error(\`Cannot run gqm as Node must be version ${NODE_MAJOR} or later: current value is \${node}\`);
  process.exit(1);
}
const { runCommand } = await import("../src/cli/main.js");
const terminal = await import("../src/runtime/terminal.js");
const { processArguments, processTerminal, setExitCode } = terminal;
setExitCode(await runCommand(processArguments(), processTerminal()));
`;

/** Changes an unpacked package in its folder. */
export async function finish(folder: string): Promise<void> {
  await moveStandIns(folder);
  for await (const path of filesOf(folder)) {
    if (path.endsWith(".js")) await rewrite(folder, path);
  }
  await Deno.mkdir(join(folder, "bin"));
  await Deno.writeTextFile(join(folder, COMMAND), COMMAND_SOURCE, { mode: 0o755 });
  // It tells Deno about the checkout.
  await Deno.remove(join(folder, "deno.json"));

  const manifest = join(folder, "package.json");
  const { name, version, ...rest } = JSON.parse(await Deno.readTextFile(manifest));
  const added = {
    name,
    version,
    description: DESCRIPTION,
    ...rest,
    bin: { gqm: `./${COMMAND}` },
    engines: { node: `>=${NODE_MAJOR}` },
  };
  await Deno.writeTextFile(manifest, `${JSON.stringify(added, undefined, 2)}\n`);
}

/** Moves the stand-ins to a folder that is the package's own. */
async function moveStandIns(folder: string): Promise<void> {
  await Deno.mkdir(join(folder, FOLDER));
  for (const name of Object.values(STAND_INS)) {
    await Deno.rename(join(folder, `tools/std/${name}.js`), join(folder, `${FOLDER}/${name}.js`));
  }
  await Deno.remove(join(folder, "tools/std"));
  await Deno.remove(join(folder, "tools"));
}

/** Puts paths in the place of the names that only an import map resolves: `deno pack` leaves them as they are. */
async function rewrite(folder: string, path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  const changed = withPaths(text, relative(folder, path).replaceAll(sep, "/"));
  if (changed !== text) await Deno.writeTextFile(path, changed);
}

/**
 * A module with paths in the place of the names of what has stand-ins.
 *
 * @param path Where it stands in the package.
 */
export function withPaths(text: string, path: string): string {
  const up = "../".repeat(path.split("/").length - 1) || "./";
  return text.replace(/(?<=\b(?:from|import)[ (]?)"(@std\/[^"]+)"/g, (whole, name: string) => {
    const file = STAND_INS[name];
    return file === undefined ? whole : `"${up}${FOLDER}/${file}.js"`;
  });
}

async function* filesOf(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* filesOf(path);
    else yield path;
  }
}
