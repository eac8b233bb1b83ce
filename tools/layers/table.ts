/** The shapes of the tables that `tools/layers.ts` is checked by. */

/** A part of the sources with one rule for its imports. */
export interface Zone {
  /** What other zones call it in `may`. */
  readonly name: string;
  /** Paths from the root; `*` is any name, `**` any path. */
  readonly files: readonly string[];
  /** Zones that it may import besides itself. */
  readonly may: readonly string[];
  /** Completes the sentence "rule: …". */
  readonly rule: string;
  /** What to do where the rule is in the way. */
  readonly instead: string;
}

/** A module that library users import, with what it may need from elsewhere. */
export interface Door {
  readonly file: string;
  /** npm packages that may be reached, by dynamic or type-only imports alone. */
  readonly lazyPackages: readonly string[];
  /** npm packages that it loads itself. */
  readonly packages?: readonly string[];
}

/** How files must look from outside. */
export interface Limits {
  /** Most lines of a file that is not generated. */
  readonly lines: number;
  /** File names, without extension, that say nothing. */
  readonly bannedNames: readonly string[];
}
