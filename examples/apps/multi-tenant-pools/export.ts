/** Exports one page of a tenant's data: a compressed CSV file. */

import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);

/** Writes `FOLDER/TENANT/page-N.csv.gz` and gives its size. */
export async function exportPage(
  folder: string,
  { tenant, page, rows }: { readonly tenant: string; readonly page: number; readonly rows: number },
): Promise<{ bytes: number }> {
  const lines = Array.from({ length: rows }, (_, i) => {
    const id = (page - 1) * rows + i + 1;
    return `${id},${tenant},${(id * 7919) % 10_007}`;
  });
  const file = await compress(["id,tenant,cents", ...lines, ""].join("\n"));
  await mkdir(join(folder, tenant), { recursive: true });
  const path = join(folder, tenant, `page-${page}.csv.gz`);
  const part = `${path}.${crypto.randomUUID()}.part`;
  await writeFile(part, file); // a job may run twice: whoever reads gets a whole file
  await rename(part, path);
  return { bytes: file.length };
}
