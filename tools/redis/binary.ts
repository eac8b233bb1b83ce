/**
 * Finds the Redis server that the tests run on: `REDIS_SERVER_BIN`, else `redis-server` or
 * `valkey-server` in PATH, else what the test command has unpacked into `.runtimes/redis`.
 * Runs on Deno, Bun and Node.
 */

import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import process from "node:process";

/** A Redis or Valkey server that can be started. */
export interface RedisBinary {
  /** Path of the executable. */
  readonly bin: string;
  /** What its environment needs besides that of this process. */
  readonly env: Readonly<Record<string, string>>;
}

/** Where the test command unpacks a server for those who may not install one. */
export const REDIS_CACHE = resolve(import.meta.dirname ?? ".", "../../.runtimes/redis");

/** What helps where there is no server. */
export const REDIS_HELP = "install redis-server or valkey-server, such as by " +
  "`apt-get install redis-server` or `brew install redis`; or name an executable in " +
  "REDIS_SERVER_BIN; or run `docker run -p 6379:6379 redis` and set REDIS_URL to " +
  "redis://127.0.0.1:6379";

const NAMES = ["redis-server", "valkey-server"];

/** The server to start, or undefined if there is none. */
export function findRedis(cache: string = REDIS_CACHE): RedisBinary | undefined {
  const chosen = process.env.REDIS_SERVER_BIN;
  if (chosen) {
    if (isExecutable(chosen)) return { bin: resolve(chosen), env: {} };
    throw new Error(
      `Cannot run Redis as REDIS_SERVER_BIN must name an executable: current value is "${chosen}"`,
    );
  }
  for (const folder of (process.env.PATH ?? "").split(delimiter).filter(Boolean)) {
    for (const name of NAMES) {
      const bin = join(folder, name);
      if (isExecutable(bin)) return { bin, env: {} };
    }
  }
  return unpackedRedis(cache);
}

/** The server to start; throws with what to do if there is none. */
export function needRedis(): RedisBinary {
  const found = findRedis();
  if (found) return found;
  throw new Error(
    `Cannot run Redis as a server must be installed: none is in PATH. Run the tests by ` +
      `\`deno task test\`, which gets one on Debian and Ubuntu; ${REDIS_HELP}`,
  );
}

/** The server that was unpacked from Debian packages, with the libraries that came with it. */
export function unpackedRedis(cache: string = REDIS_CACHE): RedisBinary | undefined {
  const root = join(cache, "root");
  const bin = join(root, "usr/bin/redis-server");
  if (!isExecutable(bin)) return undefined;
  const libraries = ["usr/lib", "lib"].flatMap((folder) => architectures(join(root, folder)));
  const path = [...libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return { bin, env: { LD_LIBRARY_PATH: path } };
}

/** Folders such as "x86_64-linux-gnu". */
function architectures(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.includes("-linux-"))
      .map((name) => join(folder, name));
  } catch {
    return []; // the packages have no such folder
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
