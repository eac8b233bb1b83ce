import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { inShort, toldBy } from "../../../../src/testing/conformance/hearing.ts";
import { newJob, openStore, tempFolder } from "./support/fixtures.ts";

Deno.test("sqliteStore.watchEvents tells of a gap for what only a newer version knows", async () => {
  await using folder = await tempFolder();
  const path = folder.file("jobs.db");
  await using store = await openStore(path);
  using feed = await store.watchEvents();
  await store.enqueue([[newJob("a")]]);
  {
    using db = new DatabaseSync(path);
    for (const [kind, status] of [["painted", "0"], ["ready", "99"]]) {
      db.exec(`UPDATE meta SET last_event = last_event + 1;
INSERT INTO events SELECT last_event, 1, '${kind}', 'a', 'default', 'work', ${status}, NULL, NULL FROM meta`);
    }
  }
  await store.enqueue([[newJob("b")]]);
  const told = ["a created ready", "gap", "gap", "b created ready"];
  assertEquals(inShort(await toldBy(store, feed)), told);
});
