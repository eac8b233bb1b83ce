/**
 * Variables of the environment in the values of a configuration: `${NAME}` and `${NAME:-default}`.
 * `$${` stands for `${`.
 *
 * @module
 */

/** Gives the value of a variable; undefined if it is not set. */
export type ReadVariable = (name: string) => string | undefined;

/** A text with its variables filled in. */
export interface Substituted {
  readonly text: string;
  /** Variables that are not set and have no default. */
  readonly missing: readonly string[];
  /** Whether something begins like a variable and is none. */
  readonly isMalformed: boolean;
}

const REFERENCE = /\$\$\{|\$\{([^}]*)(\}?)/g;
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Whether a text may name a variable. */
export function hasVariables(text: string): boolean {
  return text.includes("${");
}

/** Fills in the variables of a text. */
export function substitute(text: string, read: ReadVariable): Substituted {
  const missing: string[] = [];
  let isMalformed = false;
  const filled = text.replace(REFERENCE, (whole, inner: string | undefined, end: string) => {
    if (inner === undefined) return "${";
    const [, name, otherwise] = end === "}" ? NAME.exec(inner) ?? [] : [];
    if (name === undefined) {
      isMalformed = true;
      return whole;
    }
    const value = read(name);
    // As shells have it: a default also stands for a variable that is set to nothing.
    if (otherwise !== undefined) return value || otherwise;
    if (value === undefined) missing.push(name);
    return value ?? "";
  });
  return { text: filled, missing, isMalformed };
}
