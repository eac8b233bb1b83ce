/**
 * The text of a configuration file.
 *
 * @module
 */

import { isFolder, readBeginning } from "../runtime/files.ts";
import type { YamlFault } from "./document.ts";

/** Largest configuration, in bytes. */
const MOST_BYTES = 1024 * 1024;
const SIZE_RULE = `be at most ${MOST_BYTES} bytes`;

/** Reads it; gives a fault if it cannot be read, or is no text. */
export async function readFileText(path: string): Promise<string | YamlFault> {
  let bytes: Uint8Array;
  try {
    bytes = await readBeginning(path, MOST_BYTES);
  } catch (error) {
    if (await isFolder(path)) return { rule: "be a file, and is a folder" };
    const reason = error instanceof Error ? error.message : String(error);
    return { rule: `be a file that can be read: ${reason}` };
  }
  if (bytes.length > MOST_BYTES) return { rule: SIZE_RULE };
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { rule: "be text in UTF-8" };
  }
}

/** A text that was given; gives a fault if it is too large. */
export function givenText(text: string): string | YamlFault {
  const bytes = new TextEncoder().encode(text).length;
  return bytes > MOST_BYTES ? { rule: SIZE_RULE } : text.replace(/^\uFEFF/, "");
}
