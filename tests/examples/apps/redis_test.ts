/** The applications on Redis: nothing but `GQM_STORE` is another. */

import { assertEquals, assertMatch } from "@std/assert";
import { readdir } from "node:fs/promises";
import { removeKeys, testRedis, uniquePrefix } from "../../support/redis/shared.ts";
import { runApp, TempFolder } from "./support.ts";

const says: Readonly<Record<string, RegExp>> = {
  "email-service": /^newsletter-7-busy: 250 taken \(attempts: 3\)$/m,
  "image-pipeline": /^5 images on a sheet of 512 x 264$/m,
  "multi-tenant-pools": /^greedy: 60 pages, at most 2 at once/m,
  "order-fulfilment": /^ledger: 3 charged, 1 refunded, 2 shipped; 6 of tea left$/m,
  "scheduled-reports": /^week-\d{4}-\d\d-\d\d\.csv: \d+ sales in 16[789] hours$/m,
};

for (const [name, line] of Object.entries(says)) {
  Deno.test(`examples/apps/${name} does the same on Redis`, async () => {
    await using folder = await TempFolder.make();
    const [url, prefix] = [testRedis(), uniquePrefix()];
    try {
      const GQM_STORE = `${url}?prefix=${prefix}`;
      const { stdout } = await runApp(name, { args: [folder.path], env: { GQM_STORE } });
      assertMatch(stdout, line);
      const files = await readdir(folder.path);
      assertEquals(files.filter((file) => file.startsWith("gqm.db")), []);
    } finally {
      await removeKeys(url, prefix);
    }
  });
}
