/** A master, its replicas and three sentinels that watch them. Runs on Deno, Bun and Node. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { choosePort } from "../../../tools/redis/owned.ts";
import { RespClient } from "./resp_client.ts";
import { RedisServer } from "./server.ts";
import { PortInUseError, ServerProcess } from "./server_process.ts";

/** What the servers are started with. */
export interface SentinelTrioOptions {
  /** @default {1} */
  readonly replicas?: number;
  /** How long a master is silent until a sentinel counts it as down. @default {1_000} */
  readonly downAfterMs?: number;
}

const SENTINELS = 3;
const QUORUM = 2;
const MOST_TRIES = 20;
const POLL_MS = 25;
const TIME_LIMIT_MS = 60_000;
const FAILOVER_LIMIT_MS = 3_000;

/** Redis under sentinels, all on 127.0.0.1. Disposing ends every process. */
export class SentinelTrio implements AsyncDisposable {
  /** What the sentinels call the master. */
  readonly name = "gqm-test";
  /** Where the sentinels listen, as ioredis wants them. */
  readonly sentinels: { readonly host: string; readonly port: number }[] = [];
  /** Master and replicas, whichever is which by now. */
  readonly servers: RedisServer[] = [];
  readonly #processes: ServerProcess[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "gqm_sentinel_"));
  #master = 0;

  private constructor() {}

  /** Starts all and waits until the sentinels know each other and the replicas. */
  static async start(options: SentinelTrioOptions = {}): Promise<SentinelTrio> {
    const { replicas = 1, downAfterMs = 1_000 } = options;
    const trio = new SentinelTrio();
    try {
      const master = await RedisServer.start({ args: ["--repl-diskless-sync-delay", "0"] });
      trio.servers.push(master);
      trio.#master = master.port;
      for (let i = 0; i < replicas; i++) {
        const args = ["--replicaof", "127.0.0.1", String(master.port)];
        const replica = await RedisServer.start({ args });
        trio.servers.push(replica);
        await until(
          `a replica has its master's data`,
          () =>
            ask(
              replica.port,
              ["INFO", "replication"],
              (info) => String(info).includes("master_link_status:up"),
            ),
        );
      }
      for (let i = 0; i < SENTINELS; i++) await trio.#startSentinel(i, downAfterMs);
      for (const { port } of trio.sentinels) {
        await until(
          "the sentinels know each other",
          () =>
            ask(port, ["SENTINEL", "MASTER", trio.name], (reply) => {
              const fields = Array.isArray(reply) ? reply : [];
              const field = (name: string) => Number(fields[fields.indexOf(name) + 1]);
              return field("num-slaves") === replicas &&
                field("num-other-sentinels") === SENTINELS - 1;
            }),
        );
      }
      return trio;
    } catch (error) {
      await trio[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The master as of the start, or of the last failover. */
  get master(): RedisServer {
    const found = this.servers.find(({ port }) => port === this.#master);
    if (!found) {
      throw new Error(`Cannot tell the master as its port is of no server: ${this.#master}`);
    }
    return found;
  }

  /**
   * Kills the master and waits until all sentinels name the same other, which takes writes.
   *
   * @returns The new master. The old one stays in `servers`: its `restart` makes it a replica.
   */
  async failover(): Promise<RedisServer> {
    const old = this.master;
    await old.kill();
    await until("another server is the master", async () => {
      const named = await Promise.all(this.sentinels.map(({ port }) => this.#askMaster(port)));
      const [port] = named;
      if (!port || port === old.port || named.some((other) => other !== port)) return false;
      const isMaster = await ask(
        port,
        ["ROLE"],
        (role) => Array.isArray(role) && role[0] === "master",
      );
      if (isMaster) this.#master = port;
      return isMaster;
    });
    return this.master;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.end("SIGKILL")));
    await Promise.all(this.servers.map((server) => server[Symbol.asyncDispose]()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #askMaster(sentinel: number): Promise<number | undefined> {
    let port: number | undefined;
    await ask(sentinel, ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", this.name], (reply) => {
      if (Array.isArray(reply)) port = Number(reply[1]);
      return true;
    });
    return port;
  }

  async #startSentinel(index: number, downAfterMs: number): Promise<void> {
    for (let tries = 1;; tries++) {
      const port = choosePort();
      const config = join(this.#folder, `sentinel${index}.conf`);
      const log = join(this.#folder, `sentinel${index}.log`);
      const lines = [
        ...[`port ${port}`, "bind 127.0.0.1", `dir ${this.#folder}`, "daemonize no"],
        `sentinel monitor ${this.name} 127.0.0.1 ${this.#master} ${QUORUM}`,
        `sentinel down-after-milliseconds ${this.name} ${downAfterMs}`,
        `sentinel failover-timeout ${this.name} ${FAILOVER_LIMIT_MS}`,
      ];
      writeFileSync(config, `${lines.join("\n")}\n`);
      try {
        const options = { args: [config, "--sentinel"], address: { port }, log };
        this.#processes.push(await ServerProcess.start(options));
        this.sentinels.push({ host: "127.0.0.1", port });
        return;
      } catch (error) {
        if (!(error instanceof PortInUseError) || tries === MOST_TRIES) throw error;
      }
    }
  }
}

/** Asks a server one thing; false if it cannot be reached or answers with an error. */
async function ask(
  port: number,
  command: readonly string[],
  judge: (reply: unknown) => boolean,
): Promise<boolean> {
  try {
    await using client = await RespClient.connect({ port });
    return judge(await client.call(...command));
  } catch {
    return false;
  }
}

/** Asks again and again until the answer is yes. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + TIME_LIMIT_MS;
  while (!await holds()) {
    if (performance.now() > end) {
      throw new Error(`Cannot go on as this must happen within ${TIME_LIMIT_MS} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
