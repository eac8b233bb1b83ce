/** What axe finds on every page, with dialogs open too, in both themes, on a desk and on a phone. */

import { assertEquals } from "@std/assert";
import { browserTest, looks, type Visit } from "./support/browser.ts";
import { findBarriers } from "./support/in_page.js";

const source = await Deno.readTextFile(
  new URL("../../node_modules/axe-core/axe.min.js", import.meta.url),
);

/** The pages, by what the URL says. */
const PAGES = [
  ...["/", "/jobs", "/failed", "/queues", "/servers", "/schedules", "/dag", "/limits", "/alerts"],
  ...["/operations", "/audit", "/audit?tab=sessions", "/nowhere", "/jobs/nobody"],
  ...["/jobs/sent-1", "/jobs/bounce-1", "/jobs/encode-1", "/jobs/secret-1", "/jobs/ship-1"],
  ...["/queues/mail", "/queues/reports", "/schedules/nightly", "/schedules?new=1"],
  ...["/schedules/nightly?edit=1", "/dag/order-1", "/jobs?status=stopped"],
];

/** Dialogs: on which page a button opens them. */
const DIALOGS = [
  ["/queues/reports", "Empty queue reports"],
  ["/jobs/bounce-1", "Edit payload…"],
  ["/jobs/later-1", "Priority…"],
  ["/limits", "New limit…"],
  ["/failed", "Delete all failed"],
] as const;

for (const look of looks) {
  browserTest(`no page keeps people out: ${look.theme}, ${look.width} px`, async ({ open }) => {
    const login = await open({ ...look, as: null });
    const found = await barriers(login, "login");
    const visit = await open(look);
    visit.allow(/^404 GET .*\/nobody/);
    const { fingerprint, operation } = await details(visit);
    for (const at of [...PAGES, `/failed/${fingerprint}`, `/operations/${operation}`]) {
      await visit.go(at);
      found.push(...await barriers(visit, at));
    }
    const { page } = visit;
    for (const [at, name] of DIALOGS) {
      await visit.go(at);
      await page.getByRole("button", { name }).first().click();
      await page.getByRole("dialog").waitFor();
      found.push(...await barriers(visit, `${at}, ${name}`));
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    found.push(...await barriers(visit, "help"));
    assertEquals(found, []);
  });
}

/** What axe finds on what is shown now. */
async function barriers({ page }: Visit, what: string): Promise<string[]> {
  await page.evaluate(source);
  return (await page.evaluate(findBarriers)).map((one) => `${what}: ${one}`);
}

/** A kind of failure, and an operation that has ended. */
async function details({ page }: Visit): Promise<{ fingerprint: string; operation: string }> {
  const { request } = page.context();
  const { origin } = new URL(page.url());
  const errors = await (await request.get(`${origin}/api/v1/errors`)).json();
  const started = await request.post(`${origin}/api/v1/operations`, {
    headers: { "x-gqm-csrf": "1" },
    data: { action: "promote", query: { id: "later-1" } },
  });
  return {
    fingerprint: errors.data[0].fingerprint,
    operation: (await started.json()).data.id,
  };
}
