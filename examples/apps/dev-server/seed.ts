/** Jobs of every status, for who works on handlers or on what shows jobs. */

import { Client, type Store } from "../../../mod.ts";

const DAY_MS = 86_400_000;

/** Writes them, unless they are there. All but `stopped` and `failed`, which come of schedules and of damage. */
export async function seed(store: Store): Promise<void> {
  await using client = new Client({ store });
  const once = (id: string) => ({ id, onConflict: "existing" }) as const;
  await client.enqueue("greet", "Ada", once("seed.completed"));
  await client.enqueue("report.write", { year: 2025 }, once("seed.processing"));
  await client.enqueue("mail.send", { to: "ada" }, once("seed.retry"));
  await client.enqueue("mail.send", { to: "nobody" }, { ...once("seed.dead_letter"), maxRetry: 0 });
  await client.enqueue("greet", "later", { ...once("seed.scheduled"), delayMs: DAY_MS });
  await client.enqueue("nobody.handles", null, once("seed.ready"));
  await client.enqueue("greet", "after the report", {
    ...once("seed.deferred"),
    dependsOn: ["seed.processing"],
  });
  const canceled = await client.enqueue("greet", "never", {
    ...once("seed.canceled"),
    delayMs: DAY_MS,
  });
  await client.control.cancel(canceled.id, { reason: "nobody wants it" });
}
