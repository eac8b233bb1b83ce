/**
 * The files of the dashboard: ours, which are built into the package, or those of a folder.
 *
 * @module
 */

/** A file, as it is served. */
export interface PageFile {
  /** Tells its contents apart from others. */
  readonly etag: string;
  /** Its contents. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where files come from. */
export interface PageFiles {
  /** Whether they are ours, which have no inline script and no inline style. */
  readonly isOurs: boolean;

  /**
   * Reads a file; undefined if there is none.
   *
   * @param path Segments with a slash between, none of which is a dot-segment.
   */
  read(path: string): Promise<PageFile | undefined>;
}
