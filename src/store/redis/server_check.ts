/**
 * A look at the Redis that a store works on: too old is an error; what puts
 * jobs at risk is a warning.
 *
 * @module
 */

import type { Logger } from "../../logger.ts";
import { StoreOpenError } from "../errors.ts";
import { isReplyError } from "./link.ts";
import type { ScriptRunner } from "./script_runner.ts";

/** The oldest version that works. */
const OLDEST = [6, 2] as const;

/**
 * Checks version, eviction, persistence and password.
 *
 * @throws {StoreOpenError} If the server is too old.
 */
export async function checkServer(
  runner: ScriptRunner,
  logger: Logger | undefined,
  description: string,
): Promise<void> {
  const info = await ask(runner, "INFO", []);
  if (info === undefined) return;
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:([^\\r\\n]*)`, "m").exec(info)?.[1];
  const version = field("redis_version") ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (version !== "" && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))) {
    throw new StoreOpenError(
      `Cannot open store as Redis must be >= ${OLDEST.join(".")}: current value is '${version}'`,
    );
  }
  if (logger === undefined) return;
  const store = { store: description };
  const policy = field("maxmemory_policy") ?? "noeviction";
  if (policy !== "noeviction" && field("maxmemory") !== "0") {
    logger.warn(
      "Redis may evict jobs when its memory is full: set maxmemory-policy to noeviction",
      {
        ...store,
        policy,
      },
    );
  }
  const save = await ask(runner, "CONFIG", ["GET", "save"]);
  if (field("aof_enabled") === "0" && save === "") {
    logger.warn("Redis keeps nothing on disk, a restart loses all jobs: set appendonly yes", store);
  }
  if (
    await ask(runner, "ACL", ["WHOAMI"]) === "default" &&
    await ask(runner, "CONFIG", ["GET", "requirepass"]) === ""
  ) {
    logger.warn("Redis asks for no password: set requirepass, or make a user (ACL)", store);
  }
}

/** What a command answers as text; undefined where it may not be used. */
async function ask(
  runner: ScriptRunner,
  command: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    const reply = await runner.command(command, args);
    if (Array.isArray(reply)) return String(reply[1] ?? "");
    return typeof reply === "string" ? reply : undefined;
  } catch (error) {
    if (isReplyError(error)) return undefined;
    throw error;
  }
}
