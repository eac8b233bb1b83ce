/** A store file that tests break by SQL, and let the doctor look at. */

import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { FakeClock } from "../../../../../src/testing/fake_clock.ts";
import { type Break, examine, fillWard, treat } from "../../../../support/doctor.ts";
import { openStore, tempFolder } from "./fixtures.ts";

/** Runs SQL on a file, past the store. */
export function exec(path: string, sql: string): void {
  using db = new DatabaseSync(path);
  db.exec(sql);
}

/** SQL of a job's number. */
export const job = (id: string): string => `(SELECT n FROM jobs WHERE id = '${id}')`;

/** SQL that changes a job's row. */
export const set = (id: string, change: string): string =>
  `UPDATE jobs SET ${change} WHERE id = '${id}'`;

/** Tests for each break that it is found and repaired. */
export function testBreaks(breaks: readonly Break<string>[]): void {
  for (const one of breaks) {
    Deno.test(`check() on sqlite finds and repairs ${one.name}`, async () => {
      await using folder = await tempFolder();
      const path = folder.file("jobs.db");
      const clock = new FakeClock();
      await using store = await openStore(path, { clock, synchronous: "normal" });
      await fillWard(store, clock.now());
      assertEquals(await examine(store, true), []);
      exec(path, one.how);
      await treat(store, clock, one);
    });
  }
}
