/** Waits until a Redis server answers. Runs on Deno, Bun and Node. */

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** Where a server listens, and what it asks for. */
export interface RedisAddress {
  /** @default {"127.0.0.1"} */
  readonly host?: string;
  readonly port?: number;
  /** Path of a unix socket, instead of a port. */
  readonly path?: string;
  /** Whether it speaks TLS; so it does if there is a `ca`. */
  readonly tls?: boolean;
  /** Certificate of the authority to trust, as PEM, instead of those that all trust. */
  readonly ca?: string;
  /** @default {"default"} */
  readonly user?: string;
  readonly password?: string;
}

/** How {@linkcode waitForRedis} waits. */
export interface WaitOptions {
  /** Says that there is no use in waiting on, such as when the process has ended. */
  readonly hasEnded?: () => boolean;
  /** @default {20_000} */
  readonly timeLimitMs?: number;
}

const POLL_MS = 10;

/**
 * Waits until the server has loaded its data and answers.
 *
 * @returns The id of the process that answered; undefined if there will be no answer.
 */
export async function waitForRedis(
  address: RedisAddress,
  { hasEnded = () => false, timeLimitMs = 20_000 }: WaitOptions = {},
): Promise<number | undefined> {
  const until = performance.now() + timeLimitMs;
  while (!hasEnded() && performance.now() < until) {
    const pid = await askProcessId(address, until - performance.now());
    if (pid !== undefined) return pid;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return undefined;
}

/** Opens a connection to a server. */
export function connectTo(
  { host = "127.0.0.1", port = 6379, path, tls, ca }: RedisAddress,
): Socket {
  if (path !== undefined) return connectTcp({ path });
  if (!tls && ca === undefined) return connectTcp({ host, port });
  return connectTls({ host, port, ...(ca === undefined ? {} : { ca, servername: "localhost" }) });
}

/** Asks a server for the id of its process; undefined if it does not answer, or is loading. */
async function askProcessId(
  address: RedisAddress,
  timeLimitMs: number,
): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const socket = connectTo(address);
  const limit = setTimeout(() => socket.destroy(), timeLimitMs);
  let answer = "";
  let found: number | undefined;
  socket.on(address.ca === undefined ? "connect" : "secureConnect", () => {
    const { user = "default", password } = address;
    socket.write(
      (password === undefined ? "" : `AUTH ${user} ${password}\r\n`) + "INFO\r\n",
    );
  });
  socket.on("data", (data: Uint8Array) => {
    answer += new TextDecoder().decode(data);
    const isLoading = /\nloading:1\r/.test(answer) || /(^|\n)-/.test(answer);
    const id = /\nprocess_id:(\d+)\r/.exec(answer)?.[1];
    const isWhole = /\n# Keyspace|\n# Sentinel/.test(answer);
    if (isLoading) return void socket.destroy();
    if (id === undefined || !isWhole) return;
    found = Number(id);
    socket.destroy();
  });
  socket.on("error", () => {}); // refused, or no such file yet: "close" follows
  socket.on("close", () => {
    clearTimeout(limit);
    resolve(found);
  });
  return await promise;
}
