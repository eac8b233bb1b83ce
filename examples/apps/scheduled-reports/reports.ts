/** The reports, and when they are written. */

import { appendFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, daily, defineJobs, job, type Server, weekly } from "../../../mod.ts";
import { daysBefore } from "./days.ts";
import { csvLine, readSales } from "./sales.ts";

/** The shop is in Berlin: its days begin and end by the clocks there. */
export const ZONE = "Europe/Berlin";

export const jobs = defineJobs({
  "report.sales": job<{ days: number }, { file: string; sales: number; hours: number }>(),
  "report.queue": job<undefined, void>(),
});

/** Where things are. */
export interface Places {
  readonly sales: string;
  readonly reports: string;
}

/** Adds handlers and schedules to a server. @param client Of the same store. */
export function addReports(
  server: Server<typeof jobs>,
  client: Client<typeof jobs>,
  { sales, reports }: Places,
): void {
  server.schedule("sales-daily", {
    type: "report.sales",
    payload: { days: 1 },
    cron: daily(6, 0),
    timeZone: ZONE,
    // After a week without a server: a report for each day, oldest first. `latest`, which is the
    // default, would write one report, and `none` would wait for the next morning.
    catchUp: { all: 7 },
    // Each day's report is work of its own: it does not wait for the one before.
    overlap: "allow",
  });
  server.schedule("sales-weekly", {
    type: "report.sales",
    payload: { days: 7 },
    cron: weekly("MON", 6, 30),
    timeZone: ZONE,
  });
  server.schedule("queue-numbers", { type: "report.queue", everyMs: 1000, catchUp: "none" });

  server.handle("report.sales", async ({ job }) => {
    // By the slot, not by the clock: a report that is late is about the same days.
    const slotAt = job.schedule?.slotAt ?? job.createdAt;
    const { fromAt, toAt, name } = daysBefore(slotAt, job.payload.days, ZONE);
    const sold = await readSales(sales, fromAt, toAt);
    const products = [...Map.groupBy(sold, ({ product }) => product)].map(([product, sales]) =>
      [product, sales.length, sales.reduce((sum, { cents }) => sum + cents, 0)] as const
    );
    const file = `${job.payload.days === 1 ? "day" : "week"}-${name}`;
    const csv = [["product", "sales", "cents"], ...products].map(csvLine);
    await replaceFile(join(reports, `${file}.csv`), `${csv.join("\n")}\n`);
    await replaceFile(join(reports, `${file}.html`), htmlOf(file, products));
    return { file, sales: sold.length, hours: (toAt - fromAt) / 3_600_000 };
  });

  server.handle("report.queue", async ({ job }) => {
    const { counts, totals } = await client.insight.stats();
    const at = new Date(job.schedule?.slotAt ?? job.createdAt).toISOString();
    // A line comes twice if the process dies right here: its slot tells.
    const line = csvLine([at, totals.completed, counts.ready, counts.dead_letter]);
    await appendFile(join(reports, "queue.csv"), `${line}\n`);
  });
}

function htmlOf(
  title: string,
  products: readonly (readonly [string, number, number])[],
): string {
  const rows = products.map(([product, sales, cents]) =>
    `<tr><td>${escaped(product)}<td>${sales}<td>${(cents / 100).toFixed(2)} €`
  );
  return [
    "<!DOCTYPE html>",
    `<html lang="en"><meta charset="utf-8"><title>${title}</title>`,
    `<h1>${title}</h1><table><tr><th>Product<th>Sales<th>Total`,
    ...rows,
    "</table></html>",
    "",
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** A job may run twice: whoever reads gets a whole file. */
async function replaceFile(path: string, content: string): Promise<void> {
  const part = `${path}.${crypto.randomUUID()}.part`;
  await writeFile(part, content);
  await rename(part, path);
}
