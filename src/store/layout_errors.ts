/**
 * What is said of a store whose layout this version of the package must not work on.
 *
 * @module
 */

import { StoreVersionError } from "./errors.ts";

/** Which store, and in which layout. */
export interface LayoutFacts {
  /** The store's description. */
  readonly store: string;
  /** Version of the layout that the store has. */
  readonly found: number;
  /** Version of the layout that this version of the package writes. */
  readonly own: number;
}

/** The error of a store that is to be opened, and that a newer version has written. */
export function newerLayout(facts: LayoutFacts): StoreVersionError {
  const { store, found, own } = facts;
  return new StoreVersionError(
    `Cannot open store as the version of its layout must be at most ${own}: current value is ` +
      `${found}, of '${store}'; nothing was changed; update this package: a newer version has ` +
      "written the store",
    facts,
  );
}

/** The error of a store that is to be opened, in a layout that is not carried forward. */
export function olderLayout(facts: LayoutFacts, oldest: number): StoreVersionError {
  const { store, found } = facts;
  return new StoreVersionError(
    `Cannot open store as the version of its layout must be at least ${oldest}: current value ` +
      `is ${found}, of '${store}'; nothing was changed; name another store: a version of this ` +
      "package from before its first release has written it",
    facts,
  );
}

/** The error of a store that is open, and whose layout a newer version has raised. */
export function raisedLayout(facts: LayoutFacts): StoreVersionError {
  const { store, found, own } = facts;
  return new StoreVersionError(
    `Cannot use store as the version of its layout must be at most ${own}: current value is ` +
      `${found}, of '${store}'; start this process anew with a newer version of this package, ` +
      "which has raised it",
    facts,
  );
}
