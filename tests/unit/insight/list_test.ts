import { assertEquals, assertRejects } from "@std/assert";
import { Client, InvalidOptionError, memoryStore } from "../../../mod.ts";
import { testOnThreeStores } from "../../support/three_stores.ts";

testOnThreeStores("Client.list gives the jobs of a status, the newest first, page by page", async ({
  store,
}) => {
  await using client = new Client({ store });
  for (const id of ["a", "b", "c"]) await client.enqueue("work", { id }, { id });
  await client.enqueue("work", null, { id: "later", delayMs: 60_000 });
  await client.enqueue("play", null, { id: "other" });
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.list({
      status: "ready",
      type: "work",
      limit: 2,
      ...cursor === undefined ? {} : { cursor },
    });
    for (const { id, payload } of page.jobs) {
      assertEquals(payload, { id });
      ids.push(id);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  assertEquals(ids, ["c", "b", "a"]);
  const { jobs } = await client.list({ status: "scheduled" });
  assertEquals(jobs.map(({ id }) => id), ["later"]);
});

Deno.test("Client.list refuses an option that it does not know", async () => {
  await using client = new Client({ store: memoryStore() });
  await assertRejects(
    () => client.list({ status: "ready", sort: "id" } as never),
    InvalidOptionError,
    "'sort'",
  );
});
