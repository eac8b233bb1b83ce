/**
 * Stands in for `@std/yaml` where JSR cannot be reached: `parse` and `stringify` with the same
 * signatures over npm's `yaml`, set to the same types (dates, merge keys, binary) and errors.
 */

// deno-lint-ignore no-import-prefix -- only this stand-in uses the package
import { parseDocument, stringify as print } from "npm:yaml@^2";

/** Options for {@linkcode parse}. */
export interface ParseOptions {
  /** Lets a later key replace an equal earlier one, instead of refusing the text. */
  allowDuplicateKeys?: boolean;
}

/** Options for {@linkcode stringify}. */
export interface StringifyOptions {
  /** Spaces of one level. @default {2} */
  indent?: number;
  /** Column at which long text is folded; -1 for never. @default {80} */
  lineWidth?: number;
  /** Writes keys in alphabetical order. @default {false} */
  sortKeys?: boolean;
}

/** Reads one YAML document. Throws `SyntaxError` with line and column if it is not one. */
export function parse(content: string, options: ParseOptions = {}): unknown {
  const document = parseDocument(content, {
    schema: "core",
    customTags: ["binary", "merge", "omap", "pairs", "timestamp"],
    uniqueKeys: !options.allowDuplicateKeys,
  });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw new SyntaxError(problem.message, { cause: problem });
  return document.toJS();
}

/** Writes a value as one YAML document. */
export function stringify(data: unknown, options: StringifyOptions = {}): string {
  const { indent = 2, lineWidth = 80, sortKeys = false } = options;
  return print(data, {
    indent,
    lineWidth: lineWidth < 0 ? 0 : lineWidth,
    sortMapEntries: sortKeys,
    aliasDuplicateObjects: true,
  });
}
