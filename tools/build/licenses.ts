/**
 * Writes the module with the licences of all that is in the command: ours, those of the dashboard's packages, and
 * those of the packages that the command itself imports.
 */

import { stdArgs } from "../std.ts";
import { licenceOf, RULE } from "./bundle.ts";

const PATH = "src/cli/licenses.gen.ts";
const JSR = /^https:\/\/jsr\.io\/(@std\/[^/]+)\/([^/]+)\//;

/** What `deno info --json` tells, as far as it is needed. */
interface Info {
  readonly modules: readonly { readonly specifier: string }[];
  readonly npmPackages: Readonly<
    Record<string, { readonly name: string; readonly dependencies: readonly string[] }>
  >;
}

/** Writes it if it is not as it should be. @returns Its path then. */
export async function writeLicenses(root: URL): Promise<readonly string[]> {
  const ours = await Deno.readTextFile(new URL("LICENSE", root));
  const dashboard = await Deno.readTextFile(new URL("THIRD_PARTY_LICENSES.txt", root));
  const { npm, jsr } = packagesOf(await infoOf(root));
  const parts = [
    `gqm (MIT)\n\n${ours.trim()}\n`,
    dashboard,
    ...await Promise.all(npm.map((name) => licenceOf(root, name))),
    // They come without a file: their licence is ours, with their makers' name.
    ...jsr.map((name) =>
      `${name} (MIT)\n\n${
        ours.trim().replace(/Copyright.*/, "Copyright 2018-2026 the Deno authors")
      }\n`
    ),
  ];
  const source = `// Written by tools/build.ts.

/** The licences of all that is in the command. */
export const licenses: string = ${JSON.stringify(parts.join(`\n${RULE}\n\n`))};
`;
  const url = new URL(PATH, root);
  if (await Deno.readTextFile(url).catch(() => "") === source) return [];
  await Deno.writeTextFile(url, source);
  return [PATH];
}

/** The packages of a program, those that packages import among them. */
export function packagesOf(
  { modules, npmPackages }: Info,
): { readonly npm: readonly string[]; readonly jsr: readonly string[] } {
  const npm = new Set<string>();
  const jsr = new Set<string>();
  const take = (id: string): void => {
    const found = npmPackages[id];
    if (found === undefined || npm.has(found.name)) return;
    npm.add(found.name);
    found.dependencies.forEach(take);
  };
  for (const { specifier } of modules) {
    const id = /^npm:\/?((?:@[^/]+\/)?[^/]+)/.exec(specifier)?.[1];
    if (id !== undefined) take(id);
    const [, name, version] = JSR.exec(specifier) ?? [];
    if (name !== undefined) jsr.add(`${name} ${version}`);
  }
  return { npm: [...npm].sort(), jsr: [...jsr].sort() };
}

async function infoOf(root: URL): Promise<Info> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...await stdArgs(), "cli.ts"],
    cwd: root,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (code === 0) return JSON.parse(decoder.decode(stdout));
  throw new Error(`Cannot find the packages of the command: ${decoder.decode(stderr).trim()}`);
}
