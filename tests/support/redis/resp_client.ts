/** A small Redis client for tests' own business, apart from the one under test. */

import type { Socket } from "node:net";
import { connectTo, type RedisAddress } from "../../../tools/redis/ready.ts";
import { decodeValue, encodeCommand, RespError, RespSplitter, type RespValue } from "./resp.ts";

type Waiter = PromiseWithResolvers<RespValue>;

/** A connection to Redis. Disposing closes it. */
export class RespClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #splitter = new RespSplitter();
  readonly #waiters: Waiter[] = [];
  readonly #closed = Promise.withResolvers<void>();
  #problem: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (piece: Uint8Array) => {
      for (const bytes of this.#splitter.push(piece)) this.#take(decodeValue(bytes));
    });
    socket.on("error", (error: Error) => this.#problem = error);
    socket.on("close", () => {
      this.#problem ??= new Error("Cannot ask Redis as the connection must be open: it is closed");
      for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#problem);
      this.#closed.resolve();
    });
  }

  /** Opens a connection to an address, or to the one of a URL. */
  static async connect(target: RedisAddress | string): Promise<RespClient> {
    const { database, ...address } = typeof target === "string"
      ? addressOf(target)
      : { ...target, database: "0" };
    const client = new RespClient(connectTo(address));
    try {
      const { user = "default", password } = address;
      if (password !== undefined) await client.call("AUTH", user, password);
      if (database !== "0") await client.call("SELECT", database);
      await client.call("PING");
      return client;
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Sends a command. @throws {RespError} If Redis answers with an error. */
  async call(...words: (string | Uint8Array)[]): Promise<RespValue> {
    if (this.#problem) throw this.#problem;
    const waiter: Waiter = Promise.withResolvers();
    this.#waiters.push(waiter);
    this.#socket.write(encodeCommand(words));
    return await waiter.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#closed.promise;
  }

  #take(value: RespValue): void {
    const waiter = this.#waiters.shift();
    if (value instanceof RespError) waiter?.reject(value);
    else waiter?.resolve(value);
  }
}

/** What a URL with `redis://`, `rediss://` or `unix://` says. */
export function addressOf(url: string): RedisAddress & { readonly database: string } {
  const { protocol, hostname, port, pathname, username, password } = new URL(url);
  if (!["redis:", "rediss:", "unix:"].includes(protocol)) {
    const rule = "its URL must start with redis://, rediss:// or unix://";
    throw new TypeError(`Cannot use Redis as ${rule}: current value is "${url}"`);
  }
  const login = {
    ...(username ? { user: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
  };
  if (protocol === "unix:") return { path: pathname, ...login, database: "0" };
  return {
    host: hostname || "127.0.0.1",
    port: Number(port || 6379),
    tls: protocol === "rediss:",
    ...login,
    database: pathname.slice(1) || "0",
  };
}
