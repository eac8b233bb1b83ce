/** What was sold: a CSV file, as a shop's till would write it. One sale of each product every hour. */

import { readFile, writeFile } from "node:fs/promises";

const HOUR_MS = 3_600_000;
const PRICES: Readonly<Record<string, number>> = { "coffee": 350, 'tea, "first flush"': 420 };

/** One line of the file. */
export interface Sale {
  readonly at: number;
  readonly product: string;
  readonly cents: number;
}

/** Writes the sales of some time. */
export async function writeSales(path: string, fromAt: number, toAt: number): Promise<void> {
  const lines = ["at,product,cents"];
  for (let at = Math.ceil(fromAt / HOUR_MS) * HOUR_MS; at < toAt; at += HOUR_MS) {
    for (const [product, cents] of Object.entries(PRICES)) {
      lines.push(csvLine([new Date(at).toISOString(), product, cents]));
    }
  }
  await writeFile(path, `${lines.join("\n")}\n`);
}

/** Reads those from one moment until before another. */
export async function readSales(path: string, fromAt: number, toAt: number): Promise<Sale[]> {
  const [, ...lines] = (await readFile(path, "utf8")).trimEnd().split("\n");
  return lines.map(readCsvLine).map(([at = "", product = "", cents = ""]) => ({
    at: Date.parse(at),
    product,
    cents: Number(cents),
  })).filter(({ at }) => at >= fromAt && at < toAt);
}

/** Writes a line; what has commas or quotes in it stands in quotes. */
export function csvLine(values: readonly (string | number)[]): string {
  return values.map(String).map((value) =>
    /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
  ).join(",");
}

/** Reads a line. */
export function readCsvLine(line: string): string[] {
  // With a comma at the end, every value is followed by one.
  return [...`${line},`.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*)),/g)].map(([, quoted, plain]) =>
    quoted?.replaceAll('""', '"') ?? plain ?? ""
  );
}
