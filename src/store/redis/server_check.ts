/**
 * A look at the Redis that a store works on: too old is an error; what puts
 * jobs at risk is a warning.
 *
 * @module
 */

import { sleep, systemClock } from "../../clock.ts";
import type { LogFields, Logger } from "../../logger.ts";
import { StoreOpenError } from "../errors.ts";
import type { StoreInfo } from "../store.ts";
import { LAYOUT, LAYOUT_KEY, readMark } from "./layout.ts";
import { isReplyError, type Link } from "./link.ts";
import type { Patience } from "./patience.ts";

/** Pause between two looks at a Redis that is loading, in milliseconds. */
const LOADING_PAUSE_MS = 50;
/** The oldest version that works. */
const OLDEST = [6, 2] as const;

/**
 * Waits until Redis has loaded its data; checks version, eviction, persistence
 * and password.
 *
 * @param patience How long it may load.
 * @throws {StoreOpenError} If the server is too old, or still loading.
 */
export async function checkServer(
  link: Link,
  logger: Logger | undefined,
  description: string,
  patience: Patience,
): Promise<void> {
  let info = await ask(link, "INFO", []);
  while (info !== undefined && /^loading:1/m.test(info)) {
    // The next answer needs some time too: without it the Redis would be said not to answer.
    if (patience.leftMs <= 2 * LOADING_PAUSE_MS) {
      throw new StoreOpenError(
        `Cannot open store as Redis must have loaded its data: '${description}' is loading; ` +
          "wait, or raise 'connectTimeoutMs'",
      );
    }
    await sleep(systemClock, LOADING_PAUSE_MS);
    info = await ask(link, "INFO", []);
  }
  if (info === undefined) return;
  const version = fieldOf(info, "redis_version") ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (version !== "" && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))) {
    throw new StoreOpenError(
      `Cannot open store as Redis must be >= ${OLDEST.join(".")}: current value is '${version}'`,
    );
  }
  if (logger === undefined) return;
  for (const { message, fields } of await findRisks(link, info)) {
    logger.warn(message, { store: description, ...fields });
  }
}

/** What puts jobs at risk. */
interface Risk {
  readonly message: string;
  readonly fields?: LogFields;
}

async function findRisks(link: Link, info: string): Promise<Risk[]> {
  const risks: Risk[] = [];
  const policy = fieldOf(info, "maxmemory_policy") ?? "noeviction";
  if (policy !== "noeviction" && fieldOf(info, "maxmemory") !== "0") {
    const message =
      "Redis may evict jobs when its memory is full: set maxmemory-policy to noeviction";
    risks.push({ message, fields: { policy } });
  }
  const save = await ask(link, "CONFIG", ["GET", "save"]);
  if (fieldOf(info, "aof_enabled") === "0" && save === "") {
    const message = "Redis keeps nothing on disk, a restart loses all jobs: set appendonly yes";
    risks.push({ message });
  }
  const user = await ask(link, "ACL", ["WHOAMI"]);
  if (user === "default" && /\bnopass\b/.test(await ask(link, "ACL", ["GETUSER", user]) ?? "")) {
    risks.push({ message: "Redis asks for no password: set requirepass, or make a user (ACL)" });
  }
  return risks;
}

/** What the server tells about itself and the store, except for how long the answer took. */
export async function readInfo(link: Link, root: string): Promise<Omit<StoreInfo, "latencyMs">> {
  const mark = readMark(await ask(link, "GET", [root + LAYOUT_KEY]));
  const info = await ask(link, "INFO", []) ?? "";
  const number = (name: string): number | null => {
    const text = fieldOf(info, name);
    return text === undefined ? null : Number(text);
  };
  const uptimeS = number("uptime_in_seconds");
  return {
    kind: "redis",
    version: fieldOf(info, "valkey_version") ?? fieldOf(info, "redis_version") ?? "",
    sizeBytes: number("used_memory"),
    opsPerSecond: number("instantaneous_ops_per_sec"),
    connections: number("connected_clients"),
    uptimeMs: uptimeS === null ? null : uptimeS * 1000,
    layoutVersion: mark?.version ?? LAYOUT.version,
    warnings: (await findRisks(link, info)).map(({ message }) => message),
  };
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:([^\\r\\n]*)`, "m").exec(info)?.[1];
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
