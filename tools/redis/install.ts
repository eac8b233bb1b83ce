/**
 * Gets the Redis server that the tests run on, where none is installed: as root on Debian and
 * Ubuntu by `apt-get install`, for others there by unpacking the packages into `.runtimes/redis`.
 *
 * `deno run -A tools/redis/install.ts` prints its path.
 */

import { join } from "node:path";
import { findRedis, REDIS_CACHE, REDIS_HELP, type RedisBinary, unpackedRedis } from "./binary.ts";

/** What came of a command. */
interface Ran {
  readonly ok: boolean;
  /** What it printed, errors too. */
  readonly output: string;
}

const PACKAGES = ["redis-server", "redis-tools"];
/** Packages that the server needs at run time, among those that its packages depend on. */
const LIBRARY = /^(?:lib(?!c6$)|lua-)/;

/** Finds a server or gets one; throws with what to do if that fails. */
export async function ensureRedis(cache: string = REDIS_CACHE): Promise<RedisBinary> {
  const found = findRedis(cache);
  if (found) return found;
  let reason = "there is no apt-get here";
  if ((await run(["apt-get", "--version"])).ok) {
    console.error("Getting redis-server by apt-get");
    if (Deno.uid() === 0) {
      await install();
      const installed = findRedis(cache);
      if (installed) return installed;
    }
    reason = await unpack(cache);
    const unpacked = unpackedRedis(cache);
    const check = unpacked && await run([unpacked.bin, "--version"], unpacked);
    if (unpacked && check?.ok) return unpacked;
    if (check) reason = check.output;
  }
  throw new Error(
    `Cannot get a Redis server for the tests as it must be in PATH or come by apt-get: ` +
      `${reason.trim().replace(/\.$/, "")}. To go on, ${REDIS_HELP}`,
  );
}

/** Installs the package for all of the machine, without starting its service if that can be told. */
async function install(): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const command = ["apt-get", "install", "-y", "--no-install-recommends", "redis-server"];
  if ((await run(command, { env })).ok) return;
  await run(["apt-get", "update"], { env });
  await run(command, { env });
}

/** Unpacks server and libraries into the cache; returns what went wrong, if anything. */
async function unpack(cache: string): Promise<string> {
  const packages = join(cache, "packages");
  const state = ["lists/partial", "archives/partial"];
  for (const folder of state) await Deno.mkdir(join(cache, folder), { recursive: true });
  await Deno.mkdir(packages, { recursive: true });
  // The machine's own lists may be missing or old, and only root may renew those.
  const own = [
    ...["-o", `Dir::State::Lists=${join(cache, "lists")}`],
    ...["-o", `Dir::Cache::archives=${join(cache, "archives")}`],
    ...["-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="],
  ];
  let got = await download(packages, []);
  if (!got.ok) {
    const updated = await run(["apt-get", ...own, "update"]);
    got = updated.ok ? await download(packages, own) : updated;
  }
  if (!got.ok) return got.output;
  const root = join(cache, "root");
  for await (const { name } of Deno.readDir(packages)) {
    if (!name.endsWith(".deb")) continue;
    const { ok, output } = await run(["dpkg", "-x", join(packages, name), root]);
    if (!ok) return output;
  }
  for (const folder of ["packages", "lists", "archives"]) {
    await Deno.remove(join(cache, folder), { recursive: true });
  }
  return "";
}

/** Downloads the packages and the libraries that they name, installed or not. */
async function download(folder: string, options: readonly string[]): Promise<Ran> {
  const depends = await run(["apt-cache", ...options, "depends", ...PACKAGES]);
  const libraries = [...depends.output.matchAll(/^\s+(?:Pre)?Depends: (\S+)$/gm)]
    .map(([, name = ""]) => name).filter((name) => LIBRARY.test(name));
  const names = [...new Set([...PACKAGES, ...libraries])];
  return await run(["apt-get", ...options, "download", ...names], { cwd: folder });
}

async function run(
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

if (import.meta.main) console.log((await ensureRedis()).bin);
