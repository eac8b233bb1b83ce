/** Tenants in pools: what was written for each, and that a greedy one holds up nobody. */

import { deepEqual, equal } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { runApp, TempFolder } from "./support.ts";

describe("examples/apps/multi-tenant-pools", () => {
  it("exports all pages, and the greedy tenant holds up nobody", async () => {
    await using folder = await TempFolder.make();
    await runApp("multi-tenant-pools", { args: [folder.path] });
    const usage = await readFile(join(folder.path, "usage.csv"), "utf8");
    const [head, ...lines] = usage.trim().split("\n");
    equal(head, "tenant,plan,pages,bytes,most_at_once,greedy_done");
    const rows = lines.map((line) => line.split(","));
    deepEqual(
      rows.map(([tenant, plan, pages]) => [tenant, plan, Number(pages)]),
      [
        ["greedy", "standard", 60],
        ["corner-shop", "standard", 4],
        ["book-club", "standard", 4],
        ["acme", "enterprise", 8],
      ],
    );

    for (const [tenant = "", plan, pages, bytes, most, greedyDone] of rows) {
      let size = 0;
      const ids = new Set<number>();
      for (const name of await readdir(join(folder.path, tenant))) {
        const file = await readFile(join(folder.path, tenant, name));
        size += file.length;
        const [columns, ...lines] = gunzipSync(file).toString().trim().split("\n");
        equal(columns, "id,tenant,cents");
        for (const [id, owner] of lines.map((line) => line.split(","))) {
          ids.add(Number(id));
          equal(owner, tenant);
        }
      }
      equal(ids.size, 2000 * Number(pages));
      equal(size, Number(bytes));
      const slots = plan === "enterprise" ? 4 : 2;
      equal(Number(most) >= 1 && Number(most) <= slots, true, `${tenant}: ${most} at once`);
      if (tenant === "greedy") continue;
      // By turns it is about as many as the others have; without the limit it would be all 60.
      equal(Number(greedyDone) < 40, true, `${tenant} waited for ${greedyDone} pages of greedy`);
    }
  });
});
