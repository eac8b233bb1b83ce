/** That a user with the rules of docs/redis.md, and no others, can do all that a queue does. */

import { deepEqual, match, ok, rejects } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { redisStore } from "../../mod.ts";
import { RespClient } from "../support/redis/resp_client.ts";
import { RedisServer, serverProblem } from "../support/redis/server.ts";
import { change, look, monitor, work } from "./support/every_part.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const PASSWORD = "s3cret";
/** What the page leaves out though the store asks for it: it then knows less of the server. */
const DISPENSABLE = "config|get";

/** The rules that the page gives the user, with a password. */
function documentedRules(): string[] {
  const page = readFileSync(join(ROOT, "docs", "redis.md"), "utf8");
  const [, rules] = /^user gqm (.+)$/m.exec(page) ?? [];
  ok(rules, "docs/redis.md has no line that begins with 'user gqm'");
  return rules.replace(">PASSWORD", `>${PASSWORD}`).split(" ");
}

/** A server with the user of the page. `admin` may do all. */
class World implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly admin: RespClient;

  private constructor(redis: RedisServer, admin: RespClient) {
    this.redis = redis;
    this.admin = admin;
  }

  static async start(): Promise<World> {
    const redis = await RedisServer.start();
    const world = new World(redis, await RespClient.connect(redis.url));
    await world.allow(documentedRules());
    return world;
  }

  /** Gives the user these rules and no others. */
  async allow(rules: readonly string[]): Promise<void> {
    await this.admin.call("ACL", "SETUSER", "gqm", "reset", ...rules);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.admin[Symbol.asyncDispose]();
    await this.redis[Symbol.asyncDispose]();
  }

  get url(): string {
    return `redis://gqm:${PASSWORD}@127.0.0.1:${this.redis.port}`;
  }

  /** What the server refused so far, as its log names it. */
  async refused(): Promise<string[]> {
    const entries = await this.admin.call("ACL", "LOG", "128") as string[][];
    return [...new Set(entries.map((entry) => entry[entry.indexOf("object") + 1]!))];
  }

  /** Which commands the scripts and the store name. */
  async named(): Promise<string[]> {
    const words = new Set(["EVAL", "EVALSHA", "SUBSCRIBE", "UNSUBSCRIBE", "SELECT"]);
    for (const [folder, ending] of [["lua", ".lua"], ["src/store/redis", ".ts"]] as const) {
      for (const name of readdirSync(join(ROOT, folder), { recursive: true }).map(String)) {
        if (!name.endsWith(ending) || name.endsWith(".gen.ts")) continue;
        const text = readFileSync(join(ROOT, folder, name), "utf8");
        for (const [, word] of text.matchAll(/["']([A-Z]{3,})["']/g)) words.add(word!);
      }
    }
    // Other words in capitals are options of commands.
    const all = [...words].sort();
    const known = await this.admin.call("COMMAND", "INFO", ...all) as (unknown | null)[];
    return all.filter((word, i) => known[i] !== null && !["CONFIG", "ACL"].includes(word));
  }

  /** Why the user may not send a command about a key or channel of ours; undefined if they may. */
  async refusal(command: string): Promise<string | undefined> {
    const [info] = await this.admin.call("COMMAND", "INFO", command) as [[string, number]];
    const words = Array.from({ length: Math.max(Math.abs(info[1]) - 1, 0) }, () => "{gqm}:x");
    if (command.startsWith("EVAL")) words[1] = "0";
    const reply = await this.admin.call("ACL", "DRYRUN", "gqm", command, ...words);
    return String(reply) === "OK" ? undefined : String(reply);
  }
}

describe("the Redis user of the documentation", { skip: serverProblem() ?? false }, () => {
  it("does all that a queue and its monitor do, and is refused nothing of it", async () => {
    await using world = await World.start();
    await using store = redisStore(world.url);
    for (const part of [work, change, look, monitor]) {
      await part(store);
      deepEqual((await world.refused()).filter((what) => what !== DISPENSABLE), [], part.name);
    }
  });

  it("may send each command that the scripts and the store name", async () => {
    await using world = await World.start();
    const named = await world.named();
    ok(named.length > 50, named.join());
    for (const command of named) {
      ok(await world.refusal(command) === undefined, `${command}: ${await world.refusal(command)}`);
    }
  });

  it("has no permission to spare", async () => {
    await using world = await World.start();
    const rules = documentedRules();
    const named = await world.named();
    for (const rule of rules.filter((one) => one.startsWith("+") && !one.includes("|"))) {
      await world.allow(rules.filter((one) => one !== rule));
      const refusals = await Promise.all(named.map((command) => world.refusal(command)));
      ok(refusals.some((refusal) => refusal !== undefined), `${rule} is for nothing`);
    }
  });

  const others: readonly (readonly string[])[] = [
    ["GET", "session:7"],
    ["SET", "{other}:jobs", "x"],
    ["HGETALL", "{gqm2}:jobs"],
    ["EVAL", "return redis.call('GET', 'session:7')", "0"],
    ["EVAL", "return redis.call('FLUSHALL')", "0"],
    ["PUBLISH", "other", "x"],
    ["SUBSCRIBE", "other"],
    ["PSUBSCRIBE", "*"],
    ["KEYS", "*"],
    ["FLUSHALL"],
    ["FLUSHDB"],
    ["SCRIPT", "FLUSH"],
    ["CONFIG", "GET", "requirepass"],
    ["ACL", "LIST"],
    ["CLIENT", "LIST"],
    ["MONITOR"],
    ["SHUTDOWN"],
    ["REPLICAOF", "NO", "ONE"],
  ];
  it("is refused what is none of its business", async () => {
    await using world = await World.start();
    await using client = await RespClient.connect({
      ...world.redis.address,
      user: "gqm",
      password: PASSWORD,
    });
    for (const [command = "", ...words] of others) {
      await rejects(client.call(command, ...words), (error: Error) => {
        match(error.message, /NOPERM|can't (run this command|access)/, `${command} ${words}`);
        return true;
      });
    }
  });
});
