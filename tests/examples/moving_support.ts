/** What the tests of `examples/moving` share: they run the scripts as people do. */

import { assertEquals } from "@std/assert";
import { Client, type Job, type JobStatus, Server } from "../../mod.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { removeKeys, testRedis, uniquePrefix } from "../support/redis/shared.ts";

/** What a script said. */
export interface ScriptEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Redis with the keys of another system, and a store on it that takes over its jobs. */
export class Moving implements AsyncDisposable {
  /** What the keys of both begin with, `old:` there and `{old}:` here. */
  readonly old: string = uniquePrefix();
  /** Where both are. */
  readonly url: string = testRedis();
  /** A connection for the other system's keys. */
  readonly redis: RespClient;
  /** The store's URL. */
  readonly store: string;
  /** A client of the store. */
  readonly client: Client;

  private constructor(redis: RespClient) {
    this.redis = redis;
    const url = new URL(this.url);
    url.searchParams.set("prefix", this.old);
    this.store = url.href;
    this.client = new Client({ store: this.store });
  }

  /** Connects. */
  static async start(): Promise<Moving> {
    return new Moving(await RespClient.connect(testRedis()));
  }

  /** Writes keys of the other system: each line is a command. */
  async write(...commands: readonly (readonly (string | number)[])[]): Promise<void> {
    for (const command of commands) {
      const [name, ...args] = command.map(String);
      await this.redis.call(name!, ...args);
    }
  }

  /** All jobs of these statuses, by type. */
  async jobs(...statuses: readonly JobStatus[]): Promise<Job[]> {
    const found = await Promise.all(
      statuses.map(async (status) => (await this.client.list({ status, limit: 100 })).jobs),
    );
    return found.flat().sort((a, b) => a.type < b.type ? -1 : 1);
  }

  /** Runs what is ready to its end, and tells the payloads in the order in which they ran. */
  async drain(...types: readonly string[]): Promise<unknown[]> {
    const ran: unknown[] = [];
    await using server = new Server({ store: this.store, logLevel: "error" });
    server.pool({ name: "one", types: ["*"], concurrency: 1, prefetch: 0 });
    for (const type of types) server.handle(type, ({ job }) => void ran.push(job.payload));
    await server.start();
    await server.drain();
    return ran;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.redis[Symbol.asyncDispose]();
    await removeKeys(this.url, this.old);
  }
}

/** Runs a script of `examples/moving` on Deno, or on what `bin` is. */
export async function runScript(
  name: string,
  args: readonly string[],
  { cwd, bin }: { readonly cwd?: string; readonly bin?: string } = {},
): Promise<ScriptEnd> {
  const path = new URL(`../../examples/moving/${name}`, import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(bin ?? Deno.execPath(), {
    args: [
      ...(bin === undefined ? ["run", "-A", "--quiet", "--no-lock", "--no-check"] : []),
      path,
      ...args,
    ],
    ...(cwd === undefined ? {} : { cwd }),
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs a script that is to succeed, and tells what it printed. */
export async function runOk(...of: Parameters<typeof runScript>): Promise<string> {
  const { code, stdout, stderr } = await runScript(...of);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}
