/**
 * A look at the Redis that a store works on: too old is an error; what puts
 * jobs at risk is a warning.
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import { StoreOpenError } from "../errors.ts";
import { isReplyError, type Link } from "./link.ts";

/** Pause between two looks at a Redis that is loading, in milliseconds. */
const LOADING_PAUSE_MS = 50;
/** The oldest version that works. */
const OLDEST = [6, 2] as const;

/**
 * Waits until Redis has loaded its data; checks version, eviction, persistence
 * and password.
 *
 * @param deadline Until when it may load, by the monotonic clock.
 * @throws {StoreOpenError} If the server is too old, or still loading.
 */
export async function checkServer(
  link: Link,
  logger: Logger | undefined,
  description: string,
  deadline: number,
): Promise<void> {
  let info = await ask(link, "INFO", []);
  while (info !== undefined && /^loading:1/m.test(info)) {
    if (systemClock.mono() + LOADING_PAUSE_MS >= deadline) {
      throw new StoreOpenError(
        `Cannot open store as Redis must have loaded its data: '${description}' is loading; ` +
          "wait, or raise 'connectTimeoutMs'",
      );
    }
    await sleep(systemClock, LOADING_PAUSE_MS);
    info = await ask(link, "INFO", []);
  }
  if (info === undefined) return;
  const text = info;
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:([^\\r\\n]*)`, "m").exec(text)?.[1];
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
  const save = await ask(link, "CONFIG", ["GET", "save"]);
  if (field("aof_enabled") === "0" && save === "") {
    logger.warn("Redis keeps nothing on disk, a restart loses all jobs: set appendonly yes", store);
  }
  const user = await ask(link, "ACL", ["WHOAMI"]);
  if (user === "default" && /\bnopass\b/.test(await ask(link, "ACL", ["GETUSER", user]) ?? "")) {
    logger.warn("Redis asks for no password: set requirepass, or make a user (ACL)", store);
  }
}

/** What a command answers as text; undefined where it may not be used. */
async function ask(
  link: Link,
  command: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    const reply = await link.send(command, args);
    if (Array.isArray(reply)) return String(reply[1] ?? "");
    return typeof reply === "string" ? reply : undefined;
  } catch (error) {
    if (isReplyError(error) && !/^(NOAUTH|WRONGPASS)/.test(error.message)) return undefined;
    throw error;
  }
}
