/** A Redis server of a test's own. Runs on Deno, Bun and Node. */

import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedis, REDIS_HELP } from "../../../tools/redis/binary.ts";
import { choosePort } from "../../../tools/redis/owned.ts";
import type { RedisAddress } from "../../../tools/redis/ready.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { PortInUseError, ServerProcess } from "./server_process.ts";

/** What a server is started with. */
export interface RedisServerOptions {
  /** Whether each write is on disk before it is answered, so that none is lost by a restart. */
  readonly aof?: boolean;
  /** Whether it speaks TLS, and nothing else, with a certificate that only its `ca` vouches for. */
  readonly tls?: boolean;
  /** The one user who may log in; without it, everyone may. Name and password without spaces. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Whether it listens on a unix socket instead of a port. */
  readonly unixSocket?: boolean;
  /** More arguments, such as `["--maxmemory", "3mb"]`. */
  readonly args?: readonly string[];
}

const MOST_TRIES = 20;

/** Why no server can be started here, or undefined if one can: a reason to skip a test. */
export function serverProblem(): string | undefined {
  return findRedis() ? undefined : `Cannot start a server of its own: ${REDIS_HELP}`;
}

/** A server in a temporary folder of its own. Disposing ends it and removes the folder. */
export class RedisServer implements AsyncDisposable {
  /** Where data and log are. */
  readonly folder: string;
  /** The port on 127.0.0.1; 0 if it listens on a unix socket. */
  readonly port: number;
  /** Path of the unix socket, if it listens on one. */
  readonly path: string | undefined;
  /** Certificate of the authority to trust, as PEM, if it speaks TLS. */
  readonly ca: string | undefined;
  readonly #options: RedisServerOptions;
  readonly #args: readonly string[];
  #process: ServerProcess | undefined;

  private constructor(folder: string, options: RedisServerOptions, certs?: Certificates) {
    this.folder = folder;
    this.port = options.unixSocket ? 0 : choosePort();
    this.path = options.unixSocket ? join(folder, "redis.sock") : undefined;
    this.ca = certs?.ca;
    this.#options = options;
    this.#args = [
      ...["--bind", "127.0.0.1", "--dir", folder, "--save", "", "--daemonize", "no"],
      ...["--port", String(certs ? 0 : this.port)],
      ...(this.path === undefined ? [] : ["--unixsocket", this.path]),
      ...["--appendonly", options.aof ? "yes" : "no", "--appendfsync", "always"],
      ...(certs ? tlsArgs(this.port, certs) : []),
      ...(options.user ? userArgs(options.user) : []),
      ...options.args ?? [],
    ];
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @throws {TypeError} If options do not go together.
   * @throws {Error} If there is no server to start, it does not answer, or openssl is missing.
   */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    if (options.tls && options.unixSocket) {
      throw new TypeError("Cannot start Redis as 'tls' and 'unixSocket' exclude each other");
    }
    const folder = mkdtempSync(join(tmpdir(), "gqm_redis_"));
    try {
      const certificates = options.tls ? makeCertificates(folder) : undefined;
      for (let tries = 1;; tries++) {
        const server = new RedisServer(folder, options, certificates);
        try {
          await server.#run();
          return server;
        } catch (error) {
          if (!(error instanceof PortInUseError) || tries === MOST_TRIES) throw error;
        }
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** What clients connect to, with name and password: `redis://`, `rediss://` or `unix://`. */
  get url(): string {
    const { user } = this.#options;
    const login = user
      ? `${encodeURIComponent(user.name)}:${encodeURIComponent(user.password)}@`
      : "";
    if (this.path !== undefined) return `unix://${login}${this.path}`;
    return `${this.ca === undefined ? "redis" : "rediss"}://${login}127.0.0.1:${this.port}`;
  }

  /** Where it listens, and what it asks for. */
  get address(): RedisAddress {
    const { user } = this.#options;
    return {
      ...(this.path === undefined ? { port: this.port } : { path: this.path }),
      ...(this.ca === undefined ? {} : { ca: this.ca }),
      ...(user ? { user: user.name, password: user.password } : {}),
    };
  }

  /** Whether the process is there, paused or not. */
  get isRunning(): boolean {
    return this.#process?.isRunning ?? false;
  }

  /** The id of the process. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Ends the process without warning, as a crash does. */
  async kill(): Promise<void> {
    await this.#process?.end("SIGKILL");
  }

  /** Ends the process in good order. */
  async stop(): Promise<void> {
    await this.#process?.end("SIGTERM");
  }

  /**
   * Ends the process, unless that has happened, and starts one on the same port, or socket, and
   * data. Without `aof` the new one is empty.
   */
  async restart(
    { signal = "SIGTERM" }: { readonly signal?: "SIGTERM" | "SIGKILL" } = {},
  ): Promise<void> {
    await this.#process?.end(signal);
    await this.#run();
  }

  /** Stops the process in its tracks; connections stay, and nothing answers. */
  pause(): void {
    this.#process?.signal("SIGSTOP");
  }

  /** Lets a paused process go on. */
  resume(): void {
    this.#process?.signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const { address } = this;
    const log = join(this.folder, "redis.log");
    this.#process = await ServerProcess.start({ args: this.#args, address, log });
  }
}

function tlsArgs(port: number, { caFile, certFile, keyFile }: Certificates): string[] {
  return [
    ...["--tls-port", String(port), "--tls-auth-clients", "no"],
    ...["--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", caFile],
  ];
}

function userArgs({ name, password }: { readonly name: string; readonly password: string }) {
  return [
    ...["--user", name, "on", `>${password}`, "~*", "&*", "+@all"],
    ...(name === "default" ? [] : ["--user", "default", "off"]),
  ];
}
