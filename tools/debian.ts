/** Packages of Debian and Ubuntu: installed, which root alone may do, or unpacked into a folder. */

import { join } from "node:path";

/** What came of a command. */
export interface Ran {
  readonly ok: boolean;
  /** What it printed, errors too. */
  readonly output: string;
}

/** What is to be unpacked. */
export interface Unpacking {
  /** Gets the packages' files in `root/`. */
  readonly folder: string;
  readonly packages: readonly string[];
  /** Names of packages that those depend on and that are wanted too, installed or not. */
  readonly libraries?: RegExp;
}

/** Installs packages for all of the machine, without starting their services if that can be told. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const command = ["apt-get", "install", "-y", "--no-install-recommends", ...packages];
  if ((await run(command, { env })).ok) return;
  await run(["apt-get", "update"], { env });
  await run(command, { env });
}

/** Downloads packages by `apt-get` and unpacks them; returns what went wrong, if anything. */
export async function unpackPackages(unpacking: Unpacking): Promise<string> {
  const { folder } = unpacking;
  const packages = join(folder, "packages");
  const state = ["lists/partial", "archives/partial"];
  for (const name of state) await Deno.mkdir(join(folder, name), { recursive: true });
  await Deno.mkdir(packages, { recursive: true });
  // The machine's own lists may be missing or old, and only root may renew those.
  const own = [
    ...["-o", `Dir::State::Lists=${join(folder, "lists")}`],
    ...["-o", `Dir::Cache::archives=${join(folder, "archives")}`],
    ...["-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="],
  ];
  let got = await download(packages, unpacking, []);
  if (!got.ok) {
    const updated = await run(["apt-get", ...own, "update"]);
    got = updated.ok ? await download(packages, unpacking, own) : updated;
  }
  if (!got.ok) return got.output;
  const root = join(folder, "root");
  for await (const { name } of Deno.readDir(packages)) {
    if (!name.endsWith(".deb")) continue;
    const { ok, output } = await run(["dpkg", "-x", join(packages, name), root]);
    if (!ok) return output;
  }
  for (const name of ["packages", "lists", "archives"]) {
    await Deno.remove(join(folder, name), { recursive: true });
  }
  return "";
}

/** Downloads the packages, and the libraries that they name. */
async function download(
  cwd: string,
  { packages, libraries }: Unpacking,
  options: readonly string[],
): Promise<Ran> {
  const names = new Set(packages);
  if (libraries !== undefined) {
    const depends = await run(["apt-cache", ...options, "depends", ...packages]);
    for (const [, name = ""] of depends.output.matchAll(/^\s+(?:Pre)?Depends: (\S+)$/gm)) {
      if (libraries.test(name)) names.add(name);
    }
  }
  return await run(["apt-get", ...options, "download", ...names], { cwd });
}

/** Runs a command and waits for its end. */
export async function run(
  [bin = "", ...args]: readonly string[],
  { env = {}, cwd }: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } =
    {},
): Promise<Ran> {
  try {
    const command = new Deno.Command(bin, {
      args,
      env: { LC_ALL: "C", ...env },
      cwd,
      stdin: "null",
    });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { ok: success, output: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { ok: false, output: `${bin} is not there` };
  }
}
