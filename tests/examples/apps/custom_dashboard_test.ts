/** The page of one's own, used in a browser as a person does. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { findBrowser } from "../../../tools/test/browser.ts";
import { Visit } from "../../browser/support/browser.ts";
import { RunningApp, TempFolder } from "./support.ts";

const HOW = "run deno run -A tools/test/browser.ts";
const STEP_LIMIT_MS = 30_000;
const path = await findBrowser();

Deno.test({
  name: path === undefined ? `custom-dashboard: ${HOW}` : "custom-dashboard is used in a browser",
  ignore: path === undefined && Deno.env.get("CI") === undefined,
  fn: async () => {
    assert(path !== undefined, HOW);
    await using folder = await TempFolder.make();
    await using app = RunningApp.start("custom-dashboard", {
      args: [folder.path, "127.0.0.1:0"],
      env: { PASSWORD: "correct horse" },
    });
    const url = await app.line(/^http:.*\/files\/$/);
    assertMatch(await app.line(/^log in/), /^log in as ada, with the password correct horse$/);

    const browser = await chromium.launch({ executablePath: path });
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(STEP_LIMIT_MS);
      const visit = new Visit(url, page);
      await page.goto(url);
      assertEquals(await page.title(), "Files");

      // Who has a wrong password gets no further.
      visit.expect(/^401 POST \/auth\/login/);
      await page.getByLabel("User").fill("ada");
      await page.getByLabel("Password").fill("wrong horse");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("status").filter({ hasText: "invalid" }).waitFor();
      await page.getByLabel("Password").fill("correct horse");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByText("Logged in as ada.").waitFor();

      // The counts go on by themselves: a file is hashed every two seconds.
      const row = (name: string) =>
        page.getByRole("row").filter({ has: page.getByRole("cell", { name }) });
      const completed = row("pages").getByRole("cell").nth(3);
      await completed.waitFor();
      const before = await completed.textContent();
      await completed.filter({ hasNotText: new RegExp(`^${before}$`) }).waitFor();

      // What failed is retried once its file is there, and leaves the list.
      const failed = page.getByRole("listitem").filter({ hasText: "missing.txt" });
      await failed.filter({ hasText: "ENOENT" }).waitFor();
      await Deno.writeTextFile(join(folder.path, "missing.txt"), "here it is");
      await failed.getByRole("button", { name: "Retry" }).click();
      await page.getByRole("listitem").filter({ hasText: "nothing" }).waitFor();
      await row("files").getByRole("cell").nth(3).filter({ hasText: "2" }).waitFor();

      await row("files").getByRole("button", { name: "Pause" }).click();
      await page.getByRole("cell", { name: "files (paused)" }).waitFor();
      await row("files").getByRole("button", { name: "Resume" }).click();
      await row("files").getByRole("button", { name: "Pause" }).waitFor();

      await page.reload(); // the session is in a cookie
      await page.getByText("Logged in as ada.").waitFor();
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("button", { name: "Log in" }).waitFor();
      visit.check();
    } finally {
      await browser.close();
    }
    assertEquals((await app.stop()).code, 0);
  },
});
