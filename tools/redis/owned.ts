/**
 * A Redis server that lives no longer than another process, however that one ends. The server
 * keeps nothing on disk. Runs on Deno, Bun and Node.
 *
 * `startOwned` starts this file as a command, which returns as soon as the server answers; so
 * the process that asks keeps neither a child nor a socket open. A shell loop stays with the
 * server, and ends it once its owner is gone.
 */

import { spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { needRedis } from "./binary.ts";
import { waitForRedis } from "./ready.ts";

/** A server that was started for this process. */
export interface OwnedRedis {
  /** Such as `redis://127.0.0.1:6379`. */
  readonly url: string;
  /** Ends it at once. Not calling it is fine: it ends with this process. */
  stop(): void;
}

/** What the command prints. */
interface Started {
  readonly port: number;
  /** The process group of the server and its keeper. */
  readonly group: number;
  readonly folder: string;
}

/** Arguments: the owner's process id, the server's folder, the server's command. */
const KEEPER = `
owner=$1; folder=$2; log=$2/redis.log; shift 2
"$@" >"$log" 2>&1 & server=$!
while kill -0 "$owner" && kill -0 "$server"; do sleep 1; done 2>/dev/null
if kill -0 "$owner" 2>/dev/null; then
  wait "$server"
  echo "gqm: ended with code $?" >>"$log"
  while kill -0 "$owner" 2>/dev/null; do sleep 1; done
fi
kill -9 "$server" 2>/dev/null
rm -rf "$folder"
`;
const ENDED = /^gqm: ended/m;
const IN_USE = /Address already in use/;
const MOST_TRIES = 20;
/** Below the ports that systems give to outgoing connections. */
const [FIRST_PORT, LAST_PORT] = [10_000, 32_000];

/** Starts a server on a free port that ends when this process does. */
export function startOwned(): OwnedRedis {
  const runtimeArgs = "Deno" in globalThis
    ? ["run", "--allow-all", "--no-check", "--no-config", "--no-lock"]
    : [];
  const file = import.meta.filename ?? "";
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...runtimeArgs, file, String(process.pid)],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );
  const printed = stdout.trim().split("\n").at(-1);
  if (!printed) throw new Error(stderr.trim());
  const { port, group, folder }: Started = JSON.parse(printed);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop() {
      killGroup(group);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port for a server, free as far as chance goes: the server tells if it is not. */
export function choosePort(): number {
  return randomInt(FIRST_PORT, LAST_PORT);
}

/** Starts server and keeper, until a port is found that is free. */
async function start(owner: number): Promise<Started> {
  const { bin, env } = needRedis();
  let log = "";
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const folder = mkdtempSync(join(tmpdir(), "gqm_redis_"));
    const port = choosePort();
    const args = [
      ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
      ...["--save", "", "--appendonly", "no", "--daemonize", "no"],
    ];
    const keeper = spawn("/bin/sh", ["-c", KEEPER, "gqm", String(owner), folder, bin, ...args], {
      detached: true,
      env: { ...process.env, ...env },
      stdio: "ignore",
    });
    const group = await new Promise<number>((resolve, reject) => {
      keeper.once("error", reject);
      keeper.once("spawn", () => resolve(keeper.pid ?? 0));
    });
    const hasEnded = (): boolean => {
      log = readLog(join(folder, "redis.log"));
      return ENDED.test(log) || IN_USE.test(log);
    };
    const server = await waitForRedis({ port }, { hasEnded });
    if (!hasEnded() && log.includes(`pid=${server},`)) return { port, group, folder };
    killGroup(group);
    rmSync(folder, { recursive: true, force: true });
    const isOther = server !== undefined || IN_USE.test(log);
    if (!isOther) break;
  }
  throw new Error(`Cannot run Redis as "${bin}" must start and answer: its log is "${log.trim()}"`);
}

function readLog(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has not got that far
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // no such group: all of it has ended
  }
}

if (import.meta.main) {
  try {
    console.log(JSON.stringify(await start(Number(process.argv[2]))));
    process.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
