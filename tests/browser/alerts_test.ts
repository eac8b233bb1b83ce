/** Alerts: what is wrong, who has seen it, and what was; as it happens. */

import { assertEquals } from "@std/assert";
import type { AlertRule } from "../../mod.ts";
import { gate } from "../support/world.ts";
import { browserTest, looks } from "./support/browser.ts";

/** Of jobs that nobody runs: the alert ends when they are canceled. */
const WAITING: AlertRule = {
  ...{ name: "letters-wait", when: "oldest_age", queue: "letters" },
  ...{ aboveMs: 1, resolveMs: 1 },
};
const FAILING: AlertRule = { when: "failure_rate", queue: "mail", above: 0.1, minCount: 1 };
const [light, , , darkPhone] = looks;

for (const look of [light!, darkPhone!]) {
  browserTest(
    `an alert is told when it fires, and when all is well again: ${look.theme}, ${look.width} px`,
    async ({ world, open }) => {
      const visit = await open({ ...look, as: "otto", at: "/alerts" });
      const { page } = visit;
      await page.getByText("Nothing is wrong").waitFor();
      await page.getByText("No alert has fired yet").waitFor();

      await world.client.enqueue("letter.print", {}, { id: "letter-1", queue: "letters" });
      await page.getByRole("heading", { name: "Firing: 1" }).waitFor();
      const firing = page.getByRole("listitem").filter({ hasText: "letters-wait" });
      await firing.getByText("Oldest waits for").waitFor();
      await firing.getByText("allowed 1 ms").waitFor();
      await firing.getByRole("link", { name: "letters" }).waitFor();
      const history = page.getByRole("table", { name: "History of alerts" });
      await history.getByText("firing").waitFor();
      await visit.fits();

      await firing.getByLabel("For how long").selectOption("for an hour");
      await firing.getByRole("button", { name: /^Acknowledge: / }).click();
      await firing.getByText("Seen by otto").waitFor();
      await firing.getByText("told again in").waitFor();
      await firing.getByLabel("For how long").selectOption("until it is resolved");
      await firing.getByRole("button", { name: /^Acknowledge: / }).click();
      await firing.getByText("quiet until it is resolved").waitFor();
      await visit.fits();

      await world.client.control.cancel("letter-1");
      await page.getByRole("heading", { name: "Resolved in the last hour" }).waitFor();
      await page.getByText("Nothing is wrong").waitFor();
      await history.getByText("resolved").waitFor();
      await visit.fits();
    },
    { alertRules: [WAITING] },
  );
}

browserTest("an alert leads to what has failed", async ({ open }) => {
  const { page } = await open({ ...looks[1], as: "vera", at: "/alerts" });
  const firing = page.getByRole("listitem").filter({ hasText: "failure_rate" });
  await firing.getByText("allowed 10 %").waitFor();
  assertEquals(await firing.getByRole("button").count(), 0);
  await firing.getByRole("link", { name: "failures" }).click();
  await page.getByRole("heading", { name: "Failed", level: 1 }).waitFor();
  await page.getByRole("link", { name: /mailbox/ }).waitFor();
}, { alertRules: [FAILING] });

browserTest("who sees one queue is told of its alerts alone", async ({ world, open }) => {
  await world.client.enqueue("letter.print", {}, { queue: "letters" });
  const ada = await open({ at: "/alerts" });
  await ada.page.getByRole("heading", { name: "Firing: 2" }).waitFor();
  const { page } = await open({ as: "mel", at: "/alerts" });
  await page.getByRole("heading", { name: "Firing: 1" }).waitFor();
  await page.getByRole("listitem").filter({ hasText: "failure_rate" }).waitFor();
  assertEquals(await page.getByText("letters").count(), 0);
}, { alertRules: [WAITING, FAILING] });

browserTest("alerts that cannot be read are told, and can be read again", async ({ open }) => {
  const visit = await open();
  const { page } = visit;
  const held = gate();
  let isWell = false;
  await page.route("**/api/v1/alerts", async (route) => {
    await held.opened;
    if (isWell) return await route.continue();
    await route.fulfill({ status: 500, json: { error: "the store is tired", code: "INTERNAL" } });
  });
  visit.expect(/^500 GET \/api\/v1\/alerts$/);
  await page.getByRole("navigation").getByRole("link", { name: "Alerts" }).click();
  await page.getByRole("main").getByRole("status", { name: "Loading" }).first().waitFor();
  held.open();
  await page.getByRole("alert").getByText("the store is tired").waitFor();
  // The rest of the page is there.
  await page.getByText("No alert has fired yet").waitFor();
  isWell = true;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Nothing is wrong").waitFor();
}, { isEmpty: true });
