/** What people do without a mouse. */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "./support/browser.ts";
import { focused } from "./support/in_page.js";
import { until } from "./support/until.ts";

/** Waits until something that contains a text has the focus. */
function focus(page: Page, text: string): Promise<void> {
  return until(
    async () => (await page.evaluate(focused)).name.includes(text),
    `'${text}' has the focus`,
  );
}

browserTest("the help tells the keys, and they lead to the pages", async ({ open }) => {
  const { page } = await open();
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keys" });
  await help.waitFor();
  const terms = await help.getByRole("term").allInnerTexts();
  const titles = await help.getByRole("definition").allInnerTexts();
  const ways = terms.map((term, n) => [term.replace(/\s+/g, " ").trim(), titles[n]!] as const)
    .filter(([keys]) => /^g ?[a-z]$/.test(keys));
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  assertEquals(ways.length, await page.getByRole("navigation").getByRole("listitem").count());
  for (const [keys, title] of ways.toReversed()) {
    await page.keyboard.press("g");
    await page.keyboard.press(keys.at(-1)!);
    await page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
    // What is read out, and where the reading goes on.
    await focus(page, title);
    const wanted = `${title} · GQM`;
    await until(async () => await page.title() === wanted, `the title is ${wanted}`);
  }
});

browserTest("keys that are typed into a field are text", async ({ open }) => {
  const { page } = await open({ at: "/queues" });
  await page.getByRole("link", { name: "mail" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("?gj/jkx");
  const field = page.getByRole("searchbox", { name: "Part of the name" });
  assertEquals(await field.inputValue(), "?gj/jkx");
  assertEquals(await page.getByRole("dialog").count(), 0);
  await page.getByRole("heading", { level: 1, name: "Queues" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
});

browserTest("a list is gone through, chosen from and opened", async ({ open }) => {
  const { page } = await open({ at: "/jobs?status=ready" });
  await page.getByRole("row").filter({ hasText: "waiting-3" }).waitFor();
  await page.keyboard.press("j");
  await focus(page, "waiting-3");
  await page.keyboard.press("j");
  await focus(page, "waiting-2");
  await page.keyboard.press("k");
  await focus(page, "waiting-3");
  await page.keyboard.press("ArrowDown");
  await focus(page, "waiting-2");
  await page.keyboard.press("x");
  const row = page.getByRole("row").filter({ hasText: "waiting-2" });
  const box = row.getByRole("checkbox");
  await until(() => box.isChecked(), "the row is chosen");
  await page.keyboard.press("x");
  await until(async () => !await box.isChecked(), "the row is not chosen");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "waiting-2" }).waitFor();
  await focus(page, "waiting-2");
});

browserTest("the focus can be seen wherever it goes", async ({ open }) => {
  const { page } = await open({ at: "/queues/mail" });
  const seen = new Set<string>();
  for (let n = 0; n < 40; n++) {
    await page.keyboard.press("Tab");
    const { name, isSeen } = await page.evaluate(focused);
    assert(isSeen, `'${name}' does not show that it has the focus`);
    seen.add(name);
  }
  for (const name of ["Skip to content", "Queues", "Theme: system", "Pause queue mail"]) {
    assert(seen.has(name), `'${name}' is not reached: ${[...seen].join(", ")}`);
  }
});

browserTest("the way to the content leaves the menu out", async ({ open }) => {
  const { page } = await open({ at: "/queues" });
  await page.getByRole("link", { name: "mail" }).waitFor();
  await page.keyboard.press("Tab");
  await focus(page, "Skip to content");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const inside = page.locator("main :focus");
  await inside.waitFor();
  assertEquals(new URL(page.url()).hash, "#/queues");
});

browserTest("a dialog gives the focus back", async ({ open }) => {
  const { page } = await open({ at: "/queues" });
  const button = page.getByRole("button", { name: "Empty queue reports" });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await focus(page, await button.getAttribute("aria-label") ?? "Empty");
});
