/** A proxy between clients and Redis that makes faults happen. Runs on Deno, Bun and Node. */

import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { connectTo, type RedisAddress } from "../../../tools/redis/ready.ts";
import { Faults, type ProxiedCommand } from "./faults.ts";
import { ProxiedConnection } from "./proxied_connection.ts";
import { addressOf } from "./resp_client.ts";

/** A command that a proxy has seen, with the name of the fault that happened to it. */
export type LoggedCommand = ProxiedCommand & { readonly fault: string | undefined };

/** What a proxy is started with. */
export interface FaultProxyOptions {
  /** Names of scripts by their SHA-1. */
  readonly scripts?: ReadonlyMap<string, string> | Readonly<Record<string, string>>;
}

interface Watcher {
  readonly match: (command: ProxiedCommand) => boolean;
  resolve(command: ProxiedCommand): void;
}

/** Most commands that the log keeps; the oldest go first. */
const MOST_LOGGED = 100_000;

/** A proxy on a free port of 127.0.0.1. Disposing cuts all and closes it. */
export class FaultProxy implements AsyncDisposable {
  /** What goes wrong. */
  readonly faults: Faults = new Faults();
  /** The commands seen, in the order in which they came. */
  readonly log: LoggedCommand[] = [];
  readonly #server: Server;
  readonly #target: RedisAddress;
  readonly #url: string;
  readonly #scripts: Map<string, string>;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #watchers = new Set<Watcher>();
  #accepted = 0;
  #refuses = false;

  private constructor(target: string, options: FaultProxyOptions) {
    this.#target = addressOf(target);
    this.#url = target;
    const { scripts = {} } = options;
    this.#scripts = new Map(scripts instanceof Map ? scripts : Object.entries(scripts));
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Starts a proxy before a port of 127.0.0.1, or before the server of a URL. */
  static async start(
    target: number | string,
    options: FaultProxyOptions = {},
  ): Promise<FaultProxy> {
    const url = typeof target === "number" ? `redis://127.0.0.1:${target}` : target;
    const proxy = new FaultProxy(url, options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      proxy.#server.listen(0, "127.0.0.1", () => resolve());
    });
    return proxy;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What clients connect to: the target's URL, with login and database, at this port. */
  get url(): string {
    const { username, password, pathname, protocol } = new URL(this.#url);
    const login = username || password ? `${username}:${password}@` : "";
    const database = protocol === "unix:" ? "" : pathname.replace(/^\/$/, "");
    return `redis://${login}127.0.0.1:${this.port}${database}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** How many connections have been accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Cuts all connections that there are now. */
  async cutAll(): Promise<void> {
    const all = [...this.#connections];
    for (const connection of all) connection.cut();
    await Promise.all(all.map(({ closed }) => closed));
  }

  /** Whether new connections are closed as soon as they come. */
  refuse(on: boolean): void {
    this.#refuses = on;
  }

  /** Tells the proxy a script's name, by its SHA-1 or its text. */
  nameScript(name: string, source: { readonly sha: string } | { readonly text: string }): void {
    this.#scripts.set("sha" in source ? source.sha : sha1(source.text), name);
  }

  /** Waits for a command that comes from now on. */
  next(match: (command: ProxiedCommand) => boolean): Promise<ProxiedCommand> {
    return new Promise((resolve) => this.#watchers.add({ match, resolve }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuse(true);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.cutAll();
    await closed;
  }

  #accept(client: Socket): void {
    if (this.#refuses) {
      client.on("error", () => {}); // it is gone anyway
      client.destroy();
      return;
    }
    client.setNoDelay(true);
    const redis = connectTo(this.#target);
    redis.setNoDelay(true);
    const connection = new ProxiedConnection({
      id: ++this.#accepted,
      client,
      redis,
      scriptOf: (name, args) => this.#scriptOf(name, args),
      seen: (command) => {
        const fault = this.faults.take(command);
        this.#note({ ...command, fault: fault?.spec.action });
        return fault;
      },
    });
    this.#connections.add(connection);
    connection.closed.then(() => this.#connections.delete(connection));
  }

  #note(command: LoggedCommand): void {
    this.log.push(command);
    if (this.log.length > MOST_LOGGED) this.log.shift();
    for (const watcher of this.#watchers) {
      if (!watcher.match(command)) continue;
      this.#watchers.delete(watcher);
      watcher.resolve(command);
    }
  }

  #scriptOf(name: string, [first = "", second = ""]: readonly string[]): string | undefined {
    if (/^EVALSHA(_RO)?$/.test(name)) return this.#scripts.get(first.toLowerCase());
    if (/^EVAL(_RO)?$/.test(name)) return this.#scripts.get(sha1(first));
    if (/^FCALL(_RO)?$/.test(name)) return first;
    const isLoad = name === "SCRIPT" && first.toUpperCase() === "LOAD";
    return isLoad ? this.#scripts.get(sha1(second)) : undefined;
  }
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
