/**
 * A Redis that comes back without the end of what it had answered, as after a crash of the machine with
 * `appendfsync everysec`, or a failover. It is stopped, and the end of its file is cut off.
 */

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { checkInvariants, Client, redisStore, Server } from "../../../mod.ts";
import { RedisServer, serverProblem } from "../../support/redis/server.ts";

/** One attempt, as its handler saw it. */
interface Seen {
  readonly id: string;
  readonly fence: number;
}

/** The file that writes are added to. */
async function logOf(folder: string): Promise<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) return await logOf(join(folder, name));
    if (/\.incr\.aof$|^appendonly\.aof$/.test(name)) return join(folder, name);
  }
  throw new Error(`Cannot find the log as it must be in ${folder}`);
}

Deno.test({
  name:
    "after Redis lost the end of what it had, jobs are run again from there, each with a higher fence",
  ignore: serverProblem() !== undefined,
  async fn() {
    await using redis = await RedisServer.start({ aof: true });
    await using store = redisStore(redis.url, { patienceMs: 30_000 });
    await using client = new Client({ store });
    const seen: Seen[] = [];
    const newServer = (): Server => {
      const server = new Server({ store, leaseMs: 1000, logLevel: "silent" });
      return server.handle("count", ({ job, fence }) => void seen.push({ id: job.id, fence }));
    };
    const kept = await client.enqueueMany(
      Array.from({ length: 20 }, () => ({ type: "count" as const })),
    );
    const { parent, child } = await client.enqueueGraph({
      parent: { type: "count" },
      child: { type: "count", dependsOn: ["parent"] },
    });
    const log = await logOf(redis.folder);
    const { size } = await Deno.stat(log);

    // All that is answered from here on is lost.
    {
      await using server = newServer();
      await server.start();
      await Promise.all([...kept, parent, child].map((handle) => handle.result()));
    }
    const late = await client.enqueue("count");
    const before = seen.splice(0);
    assertEquals(before.length, 22);
    await redis.kill();
    await Deno.truncate(log, size);
    await redis.restart();

    await using server = newServer();
    await server.start();
    await Promise.all([...kept, parent, child].map((handle) => handle.result()));
    assertEquals(await client.getJob(late.id), null);
    assertEquals(seen.map(({ id }) => id).sort(), before.map(({ id }) => id).sort());
    const newest = Math.max(...before.map(({ fence }) => fence));
    for (const { id, fence } of seen) assert(fence > newest, `${id}: ${fence} after ${newest}`);
    await server.stop();
    assertEquals((await checkInvariants(store)).findings, []);
  },
});
