/**
 * Gets the Redis server that the tests run on, where none is installed: as root on Debian and
 * Ubuntu by `apt-get install`, for others there by unpacking the packages into `.runtimes/redis`.
 *
 * `deno run -A tools/redis/install.ts` prints its path.
 */

import { installPackages, run, unpackPackages } from "../debian.ts";
import { findRedis, REDIS_CACHE, REDIS_HELP, type RedisBinary, unpackedRedis } from "./binary.ts";

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
      await installPackages(["redis-server"]);
      const installed = findRedis(cache);
      if (installed) return installed;
    }
    reason = await unpackPackages({ folder: cache, packages: PACKAGES, libraries: LIBRARY });
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

if (import.meta.main) console.log((await ensureRedis()).bin);
