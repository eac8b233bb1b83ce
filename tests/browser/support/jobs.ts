/** What tests of jobs do over and over. */

import type { Page } from "playwright-core";
import { until } from "./until.ts";
import type { BrowserWorld } from "./world.ts";

/** The status of a job in the store; undefined if there is no such job. */
export async function statusOf(world: BrowserWorld, id: string): Promise<string | undefined> {
  return (await world.client.getJob(id))?.status;
}

/** Waits until a job has a status, or with undefined, is gone. */
export function becomes(
  world: BrowserWorld,
  id: string,
  status: string | undefined,
): Promise<void> {
  return until(async () => await statusOf(world, id) === status, `${id} is ${status}`);
}

/** Presses a button of the question that is asked. */
export function answer(page: Page, name: string): Promise<void> {
  return page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
}

/** Does something and waits for what the page says of it for a while: it may be gone before somebody looks. */
export async function tells(
  page: Page,
  text: string | RegExp,
  what: () => Promise<unknown>,
): Promise<void> {
  await Promise.all([page.locator(".toast").getByText(text).waitFor(), what()]);
}
