/**
 * From the layout of a file to the layout of this version: one step per version, all in one
 * transaction, so that a file has the old layout or the new one, whatever dies meanwhile.
 *
 * A file says which layout it has (`user_version`), and which one a program must know at least to
 * work on it (`meta.least`). A step that adds what others may overlook leaves `least` as it is, and
 * programs of the version before go on; one that changes what they rely on raises it, and they
 * refuse: see docs/adr/0007-layout-versions.md.
 *
 * @module
 */

import type { StoreVersionError } from "../errors.ts";
import { type LayoutFacts, newerLayout, olderLayout, raisedLayout } from "../layout_errors.ts";
import type { Database } from "./database.ts";
import { LAYOUT_VERSION, SCHEMA } from "./schema.ts";

/** What makes a layout of the one before. */
export interface LayoutStep {
  /** Version of the layout that it makes. */
  readonly to: number;
  /** Statements that do so. They keep `meta.least` where it is, and set it if need be. */
  readonly sql: string;
}

/** A layout, and the way to it. */
export interface Layout {
  readonly version: number;
  /** Statements that create it in an empty file. */
  readonly schema: string;
  /** From the oldest that is carried forward, without gaps. */
  readonly steps: readonly LayoutStep[];
}

/** The layout of this version of the package. */
export const LAYOUT: Layout = {
  version: LAYOUT_VERSION,
  schema: SCHEMA,
  steps: [{
    to: 7,
    sql: "ALTER TABLE meta ADD COLUMN least INTEGER NOT NULL DEFAULT 7",
  }],
};

const FOUND = "PRAGMA user_version";
const LEAST = "SELECT least FROM meta";

/** Version of the layout that a file has. */
export function layoutVersion(db: Database): number {
  return db.get<{ user_version: number }>(FOUND)!.user_version;
}

/**
 * Whether a file of ours has the layout, or a later one that may be used as if it were this; or one
 * that steps lead from.
 *
 * @throws {StoreVersionError} If neither.
 */
export function layoutState(
  db: Database,
  store: string,
  { version: own, steps }: Layout,
): "current" | "older" {
  const found = layoutVersion(db);
  const facts: LayoutFacts = { store, found, own };
  if (found === own) return "current";
  if (found > own) {
    if (leastOf(db) <= own) return "current";
    throw newerLayout(facts);
  }
  const oldest = steps.length === 0 ? own : steps[0]!.to - 1;
  if (found < oldest) throw olderLayout(facts, oldest);
  return "older";
}

/** Makes the layout of an older one that `layoutState` has found. To be called in a transaction that writes. */
export function carryForward(db: Database, { steps }: Layout): void {
  const found = layoutVersion(db);
  for (const { to, sql } of steps) {
    if (to <= found) continue;
    db.exec(sql);
    db.exec(`PRAGMA user_version = ${to}`);
  }
}

/** The error of an open file whose layout was raised above this version; undefined if it was not. */
export function raisedError(db: Database, store: string): StoreVersionError | undefined {
  if (leastOf(db) <= LAYOUT_VERSION) return undefined;
  return raisedLayout({ store, found: layoutVersion(db), own: LAYOUT_VERSION });
}

/** Least layout that a program must know; that of the file if it does not say. */
function leastOf(db: Database): number {
  try {
    return db.get<{ least: number }>(LEAST)!.least;
  } catch {
    return layoutVersion(db);
  }
}
