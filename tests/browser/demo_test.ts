/** The command `gqm demo`, as who tries it first sees it. */

import { GoingGqm } from "../support/gqm.ts";
import { browserTest } from "./support/browser.ts";

/** Writes a folder with two more in it; gives its path and that of a store beside it. */
async function writeFiles(): Promise<{ dir: string; store: string } & AsyncDisposable> {
  const top = await Deno.makeTempDir({ prefix: "gqm-demo-" });
  for (const folder of ["letters", "numbers"]) {
    await Deno.mkdir(`${top}/files/${folder}`, { recursive: true });
    for (let n = 1; n <= 3; n++) {
      await Deno.writeTextFile(`${top}/files/${folder}/${n}.txt`, `${folder}\n`.repeat(n));
    }
  }
  return {
    dir: `${top}/files`,
    store: `sqlite:${top}/demo.db`,
    [Symbol.asyncDispose]: () => Deno.remove(top, { recursive: true }),
  };
}

browserTest("the demo opens on a dashboard with something of everything", async ({ open }) => {
  await using files = await writeFiles();
  const args = ["demo", "--dir", files.dir, "--store", files.store, "--port", "0"];
  await using demo = await GoingGqm.start(args);
  const [, origin] = await demo.said(/^Dashboard: (\S+)\/dashboard\//m);
  await demo.said(/This worker goes on/);
  const { page } = await open({ as: null, via: origin! });
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const menu = page.getByRole("navigation");

  await menu.getByRole("link", { name: "Failed", exact: true }).click();
  await page.getByText(/EISDIR/).first().waitFor();
  await page.getByText(/ENOENT.*removed-after-enqueue\.txt/).first().waitFor();

  await menu.getByRole("link", { name: "Jobs", exact: true }).click();
  const done = page.getByRole("row").filter({ hasText: "completed" });
  await done.getByRole("link", { name: "file.read" }).first().click();
  await page.getByRole("heading", { name: "Result" }).waitFor();

  await menu.getByRole("link", { name: "Schedules", exact: true }).click();
  await page.getByRole("link", { name: "gqm-demo.read-again" }).waitFor();
  await page.getByText("Every 15 seconds").waitFor();

  await menu.getByRole("link", { name: "Graphs", exact: true }).click();
  await page.getByText("folder.report").first().waitFor();
  // Before the demo ends, which the page would tell.
  await page.close();
}, { isEmpty: true });
