import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { Client } from "../../../../src/enqueue/client.ts";
import { Server } from "../../../../src/run/server.ts";
import { sqliteStore } from "../../../../src/store/sqlite/store.ts";

Deno.test("a row that was damaged from outside does not stop the other jobs of its queue", async () => {
  const dir = await Deno.makeTempDir({ prefix: "gqm-damaged-" });
  try {
    const path = `${dir}/jobs.db`;
    await using store = sqliteStore(path);
    await using client = new Client({ store });
    const handles = [];
    for (let i = 0; i < 5; i++) handles.push(await client.enqueue("t", i, { maxRetry: 2 }));
    const db = new DatabaseSync(path);
    db.exec("UPDATE jobs SET settings = '{', attempts = '[' WHERE n = 2");
    db.close();
    await using server = new Server({ store, logLevel: "silent" });
    server.handle("t", ({ job }) => job.payload);
    await server.start();
    assertEquals(await Promise.all(handles.map((handle) => handle.result())), [0, 1, 2, 3, 4]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
