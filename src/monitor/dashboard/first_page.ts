/**
 * The page that all paths without a file lead to: what depends on where it is served is put in.
 *
 * @module
 */

import type { PageFile } from "./page_files.ts";

const PREFIX = /data-prefix="[^"]*"/;
const LINK = /\b(href|src)="(?!\w+:|[/#])/g;

/** Where the page is asked for. */
export interface Place {
  /** The path that all pages are under, which they must know to find the API. */
  readonly prefix: string;
  /** How many folders below that it is: its links lead up as far. */
  readonly depth: number;
}

/**
 * The page as it is served at a place. A page that has no `data-prefix` does not want to know where that is: it stays
 * as it is, with its links.
 */
export function firstPage(file: PageFile, { prefix, depth }: Place): PageFile {
  const text = new TextDecoder().decode(file.bytes);
  if (!PREFIX.test(text)) return file;
  const placed = text.replace(PREFIX, `data-prefix="${prefix}"`)
    .replace(LINK, `$1="${"../".repeat(depth)}`);
  return {
    etag: `${file.etag}${prefix.replaceAll("/", ".")}.${depth}`,
    bytes: new TextEncoder().encode(placed),
  };
}
