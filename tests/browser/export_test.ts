/** The files of `gqm dashboard export`, served in the place of those that are built in. */

import { assert, assertEquals } from "@std/assert";
import { CollectingLogger } from "../support/collecting_logger.ts";
import { runGqm } from "../support/gqm.ts";
import { browserTest } from "./support/browser.ts";
import { loadedPaths } from "./support/in_page.js";
import { startWorld } from "./support/world.ts";

browserTest(
  "what is exported is a dashboard, and shows what is changed in it",
  async ({ open }) => {
    const folder = await Deno.makeTempDir({ prefix: "gqm-export-" });
    try {
      const { code, stderr } = await runGqm(["dashboard", "export", folder]);
      assertEquals(code, 0, stderr);
      const logger = new CollectingLogger();
      const dashboard = { pathPrefix: "/ops", customDir: folder };
      await using world = await startWorld({ dashboard, logger });

      const visit = await open({ via: world.url });
      const { page } = visit;
      await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
      await page.getByRole("status").filter({ hasText: "Live" }).first().waitFor();
      for (const name of ["Jobs", "Failed", "Graphs", "Schedules", "Audit"]) {
        await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
        await page.locator("main").getByRole("heading", { name, level: 1 }).waitFor();
        await visit.settled();
      }
      // The files themselves, and not what is built of them.
      const loaded = await page.evaluate(loadedPaths);
      assert(loaded.includes("/ops/views/audit.js"), loaded.join());

      const source = await Deno.readTextFile(`${folder}/main.js`);
      assert(source.includes('"Schedules"'));
      await Deno.writeTextFile(
        `${folder}/main.js`,
        source.replace('"Schedules"', '"Timetable"'),
      );
      await page.reload();
      await page.getByRole("navigation").getByRole("link", { name: "Timetable" }).waitFor();
      await visit.settled();
      // A path that was typed, below which no file is.
      await page.goto(`${world.url}/ops/some/where`);
      await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
      await visit.settled();
      await page.goto("about:blank");
      assertEquals(logger.lines.filter(({ message }) => /page/i.test(message)), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
  { isEmpty: true, dashboard: { pathPrefix: "/ops" } },
);
