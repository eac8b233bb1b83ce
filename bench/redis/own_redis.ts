/** A Redis of the bench's own, and what it has used. */

import { Redis } from "ioredis";
import { needRedis } from "../../tools/redis/binary.ts";

/** What Redis has used so far. */
export interface Usage {
  /** Microseconds of CPU, user and system. */
  readonly cpuUs: number;
  /** Bytes of `used_memory`. */
  readonly memoryBytes: number;
  /** Commands carried out, those inside scripts and the scripts themselves too. */
  readonly commands: number;
  /** Calls of scripts among them. */
  readonly scripts: number;
}

const SCRIPT_CALL = /^(eval|evalsha|fcall)(_ro)?$/;

/** A `redis-server` on a port of 127.0.0.1, without persistence. Ends when it is disposed. */
export class OwnRedis implements AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  readonly #server: Deno.ChildProcess;
  readonly #client: Redis;
  readonly #directory: string;
  /** Rejects when the server ends. */
  readonly #ended: Promise<never>;

  private constructor(server: Deno.ChildProcess, client: Redis, port: number, directory: string) {
    this.#server = server;
    this.#client = client;
    this.#directory = directory;
    this.#ended = server.status.then(({ code }) => {
      throw new Error(`Cannot go on as Redis must keep running: current value is code ${code}`);
    });
    this.#ended.catch(() => {}); // nobody may be asking
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** Starts it, and waits until it answers. */
  static async start(): Promise<OwnRedis> {
    const port = freePort();
    const directory = await Deno.makeTempDir({ prefix: "gqm-bench-" });
    const server = spawn(port, directory);
    const client = new Redis({
      host: "127.0.0.1",
      port,
      maxRetriesPerRequest: null,
      retryStrategy: () => 50,
    });
    client.on("error", () => {}); // it is not there yet
    const own = new OwnRedis(server, client, port, directory);
    try {
      await own.#answer(client.ping());
    } catch (error) {
      await own[Symbol.asyncDispose]();
      throw error;
    }
    return own;
  }

  /** Version of Redis. */
  async version(): Promise<string> {
    return /redis_version:(\S+)/.exec(await this.#answer(this.#client.info("server")))?.[1] ??
      "unknown";
  }

  /** Removes all data and scripts. */
  async clear(): Promise<void> {
    await this.#answer(this.#client.flushall("SYNC"));
    await this.#answer(this.#client.script("FLUSH", "SYNC"));
  }

  /** Looks at what it has used. */
  async usage(): Promise<Usage> {
    const [cpu, memory, commands] = await this.#answer(
      Promise.all(["cpu", "memory", "commandstats"].map((section) => this.#client.info(section))),
    ) as [string, string, string];
    const figure = (info: string, name: string): number =>
      Number(new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1]);
    return {
      cpuUs: (figure(cpu, "used_cpu_user") + figure(cpu, "used_cpu_sys")) * 1e6,
      memoryBytes: figure(memory, "used_memory"),
      ...countsOf(commands),
    };
  }

  /** Ends it at once and removes its folder, without waiting. */
  kill(): void {
    try {
      this.#server.kill("SIGKILL");
    } catch {
      // it has ended already
    }
    Deno.removeSync(this.#directory, { recursive: true });
  }

  /** Ends it, removes its folder, and waits until it has gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.disconnect();
    this.kill();
    await this.#server.status;
  }

  /** Waits for an answer, or for the end of the server. */
  #answer<T>(reply: Promise<T>): Promise<T> {
    reply.catch(() => {}); // it is rejected late if the server ends first
    return Promise.race([reply, this.#ended]);
  }
}

/** Reads how often commands were called; `INFO` itself, by which the bench looks, does not count. */
function countsOf(commandStats: string): Pick<Usage, "commands" | "scripts"> {
  let [commands, scripts] = [0, 0];
  for (const [, name, calls] of commandStats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    if (name === "info") continue;
    commands += Number(calls);
    if (SCRIPT_CALL.test(name!)) scripts += Number(calls);
  }
  return { commands, scripts };
}

function spawn(port: number, directory: string): Deno.ChildProcess {
  try {
    const { bin, env } = needRedis();
    return new Deno.Command(bin, {
      env,
      args: [
        ...["--bind", "127.0.0.1", "--port", String(port), "--dir", directory],
        ...["--save", "", "--appendonly", "no"],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (error) {
    Deno.removeSync(directory, { recursive: true });
    throw error;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
