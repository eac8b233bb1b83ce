/** Files of an older layout, and layouts that later versions of this package may have. */

import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { systemRng } from "../../../../../src/rng.ts";
import { LAYOUT, type Layout } from "../../../../../src/store/sqlite/layout.ts";
import { openDatabase } from "../../../../../src/store/sqlite/open.ts";
import { retryWhileBusy } from "../../../../../src/store/sqlite/retry.ts";

const LAYOUT_6 = new URL("../../../../fixtures/sqlite/layout_6.sql", import.meta.url);

/** Version of the layout after this. */
export const NEXT: number = LAYOUT.version + 1;

/** Makes the file of layout 6, as that version has left it. */
export function makeLayout6(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; ${readFileSync(LAYOUT_6, "utf8")}`);
  db.close();
}

/** The next layout, made by these statements. */
export function nextLayout(sql: string): Layout {
  return { ...LAYOUT, version: NEXT, steps: [...LAYOUT.steps, { to: NEXT, sql }] };
}

/** A change that programs of this layout may overlook. */
export const ADDED: Layout = nextLayout("ALTER TABLE jobs ADD COLUMN colour TEXT");
/** A change that programs of this layout must not work on. */
export const RAISED: Layout = nextLayout(
  `ALTER TABLE jobs ADD COLUMN colour TEXT; UPDATE meta SET least = ${NEXT}`,
);

/** Brings a file to a layout, as a version that has it does when it opens the file. */
export async function carry(path: string, layout: Layout): Promise<void> {
  const options = { busyTimeoutMs: 30_000, description: path, rng: systemRng };
  const retry = <T>(run: () => T): Promise<T> => retryWhileBusy(run, options);
  const db = await openDatabase({ path, synchronous: "normal", retry, layout });
  db.close();
}

/** What a file is made of, without what tells how it came to it. */
export function shapeOf(path: string): unknown {
  using db = new DatabaseSync(path);
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
  const names = tables.all().map(({ name }) => String(name));
  const columns = names.map((name) => [
    name,
    db.prepare("SELECT name, type, [notnull], pk FROM pragma_table_info(?)").all(name),
  ]);
  const indexes = db.prepare(
    "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
  )
    .all().map(({ sql }) => sql).sort();
  return { columns, indexes, least: db.prepare("SELECT least FROM meta").get() };
}
