/** The dashboard under other paths: its own prefix, and that of a proxy in front. */

import { assertEquals } from "@std/assert";
import { browserTest, type Visit } from "./support/browser.ts";
import { startProxy } from "./support/proxy.ts";
import type { BrowserWorld } from "./support/world.ts";

/** Logs in, goes through pages, sees what happens as it happens, and logs out. */
async function use(visit: Visit, world: BrowserWorld): Promise<void> {
  const { page } = visit;
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill(world.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  for (const name of ["Queues", "Failed", "Graphs", "Schedules", "Jobs"]) {
    await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
    await page.locator("main").getByRole("heading", { name, level: 1 }).waitFor();
    await visit.settled();
  }
  await page.getByRole("status").filter({ hasText: "Live" }).first().waitFor();
  await page.locator("main").getByText("sent-1").first().waitFor();
  await world.client.enqueue("email.send", { to: "late@example.com" }, { id: "late-1" });
  await page.locator("main").getByText("late-1").first().waitFor();
  await page.reload();
  await page.locator("main").getByText("late-1").first().waitFor();
}

async function logOut(visit: Visit): Promise<void> {
  const { page } = visit;
  visit.allow(/^401 GET .*\/api\/v1\//); // what the page was still asking
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("button", { name: "Log in" }).waitFor();
}

/** Under which paths the browser keeps the cookies of a login. */
async function cookiePaths({ page }: Visit): Promise<Record<string, string>> {
  const cookies = await page.context().cookies();
  return Object.fromEntries(cookies.map(({ name, path }) => [name, path]));
}

for (const pathPrefix of ["/jobs", "/tools/gqm/v1"]) {
  browserTest(`the dashboard works at ${pathPrefix}`, async ({ world, open }) => {
    const visit = await open({ as: null });
    await use(visit, world);
    assertEquals(new URL(visit.page.url()).pathname, `${pathPrefix}/`);
    assertEquals(await cookiePaths(visit), { gqm_session: "/", gqm_browser: "/auth" });
    await logOut(visit);
  }, { dashboard: { pathPrefix } });
}

for (const pathPrefix of ["/dashboard", "/ops/jobs"]) {
  browserTest(
    `the dashboard at ${pathPrefix} works behind a proxy with a path of its own`,
    async ({ world, open }) => {
      await using proxy = await startProxy("/tools/gqm", world.url);
      const visit = await open({ as: null, via: proxy.url });
      const { page } = visit;
      // As people type it.
      await page.goto(`${proxy.url}${pathPrefix}`);
      assertEquals(page.url(), `${proxy.url}${pathPrefix}/`);
      await use(visit, world);
      assertEquals(await cookiePaths(visit), { gqm_session: "/", gqm_browser: "/tools/gqm/auth" });
      // A path that was typed, below which no file is.
      await page.goto(`${proxy.url}${pathPrefix}/some/where`);
      await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
      await visit.settled();
      await logOut(visit);
      // Streams are open until the proxy goes.
      await page.goto("about:blank");
    },
    { dashboard: { pathPrefix } },
  );
}
