/** The page around all pages: logging in and out, the menu, both themes. */

import { assertEquals, assertNotEquals } from "@std/assert";
import { until } from "./support/until.ts";
import { browserTest, looks } from "./support/browser.ts";
import { noteTheme, themes } from "./support/in_page.js";

const NAMES = ["Overview", "Jobs", "Queues", "Failed"];

browserTest(
  "somebody logs in, finds the pages in the menu, and logs out",
  async ({ world, open }) => {
    const visit = await open({ as: null });
    const { page } = visit;
    await page.getByLabel("User name").fill("ada");
    await page.getByLabel("Password").fill(world.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    for (const name of NAMES) {
      await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
      await page.locator("main").getByRole("heading", { name, level: 1 }).waitFor();
    }
    visit.allow(/^401 GET \/api\/v1\//); // what the last page was still asking
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("button", { name: "Log in" }).waitFor();
  },
);

for (const look of looks) {
  browserTest(`every page fits: ${look.theme}, ${look.width} px`, async ({ open }) => {
    const visit = await open(look);
    for (const at of ["/", "/jobs", "/queues", "/failed"]) {
      await visit.go(at);
      await visit.fits();
    }
    await until(async () => await visit.page.title() === "Failed · GQM", "the title names it");
  });
}

browserTest("the theme is the system's until another is chosen, which stays", async ({ open }) => {
  const { page } = await open({ theme: "dark" });
  await page.addInitScript(noteTheme);
  await page.reload();
  const [, , dark] = await page.evaluate(themes);
  assertEquals(await page.evaluate(themes), ["system", "system", dark]);
  await page.getByRole("button", { name: "Theme: system" }).click();
  await page.getByRole("button", { name: "Theme: light" }).waitFor();
  const [, , light] = await page.evaluate(themes);
  assertNotEquals(light, dark);
  await page.reload();
  await page.getByRole("button", { name: "Theme: light" }).waitFor();
  assertEquals(await page.evaluate(themes), ["light", "light", light]);
  await page.getByRole("button", { name: "Theme: light" }).click();
  await page.emulateMedia({ colorScheme: "light" });
  await page.reload();
  await page.getByRole("button", { name: "Theme: dark" }).waitFor();
  assertEquals(await page.evaluate(themes), ["dark", "dark", dark]);
  await page.getByRole("button", { name: "Theme: dark" }).click();
  await page.getByRole("button", { name: "Theme: system" }).waitFor();
  assertEquals(await page.evaluate(themes), ["dark", "system", light]);
});

browserTest("on a phone, the menu opens and closes", async ({ open }) => {
  const { page } = await open({ width: 360 });
  const menu = page.getByRole("button", { name: "Menu" });
  const pages = page.getByRole("navigation", { name: "Pages" });
  const isOpen = async (expected: boolean): Promise<void> => {
    await pages.waitFor({ state: expected ? "visible" : "hidden" });
    assertEquals(await menu.getAttribute("aria-expanded"), String(expected));
  };
  await isOpen(false);
  await menu.click();
  await isOpen(true);
  await menu.click();
  await isOpen(false);
  await menu.press("Enter");
  await isOpen(true);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  await isOpen(false);
  // Beside the menu.
  await menu.click();
  await page.mouse.click(350, 600);
  await isOpen(false);
  await menu.click();
  await pages.getByRole("link", { name: "Queues" }).click();
  await page.getByRole("heading", { level: 1, name: "Queues" }).waitFor();
  await isOpen(false);
});

browserTest("a page that is not there says so", async ({ open }) => {
  const visit = await open({ at: "/nowhere" });
  await visit.page.getByText("There is no such page").waitFor();
  await visit.go("/");
  await visit.page.getByRole("heading", { name: "Overview" }).waitFor();
});

browserTest("a wrong password is told", async ({ open }) => {
  const visit = await open({ as: null });
  visit.expect(/^401 POST \/auth\/login$/);
  const { page } = visit;
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill("no");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("alert").getByText("invalid username or password").waitFor();
});

browserTest("where nobody has to log in, everyone is an admin", async ({ open }) => {
  const { page } = await open({ as: null });
  await page.getByText("everyone · admin").waitFor();
  assertEquals(await page.getByRole("button", { name: "Log out" }).count(), 0);
}, { isOpen: true });
