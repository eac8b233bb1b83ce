/**
 * The base of every error that this package throws for its callers to branch
 * on. Each stage declares its own classes beside the code that throws them.
 *
 * @module
 */

/** An error of this package. `code` is stable; the message is for people. */
export abstract class GqmError extends Error {
  /** Stable, machine-readable name of what went wrong. */
  abstract readonly code: string;
}

/** An option, argument or name breaks a rule. Nothing was done. */
export class InvalidOptionError extends GqmError {
  /** Name of the class. */
  override readonly name: string = "InvalidOptionError";
  /** Stable name of this error, for code to branch on. */
  readonly code: string = "INVALID_OPTION";
  /** The option that breaks the rule. */
  readonly option: string;
  /** The value seen. */
  readonly value: unknown;

  /**
   * Makes the error.
   *
   * @param action What cannot be done, such as "enqueue job".
   * @param option The option's name.
   * @param rule What must hold, such as "be >= 0".
   * @param value The value seen.
   */
  constructor(action: string, option: string, rule: string, value: unknown) {
    super(`Cannot ${action} as '${option}' must ${rule}: current value is ${show(value)}`);
    this.option = option;
    this.value = value;
  }
}

/** Longest piece of a foreign value that goes into a message. */
const SHOWN_LENGTH = 120;

/** Writes a value into a message: strings quoted, long ones cut, secrets of URLs left out. */
export function show(value: unknown): string {
  let text: string;
  if (typeof value === "string") {
    text = `'${hideSecrets(value)}'`;
  } else if (typeof value === "bigint") {
    text = `${value}n`;
  } else if (typeof value === "function") {
    text = `function '${value.name}'`;
  } else if (value instanceof Date) {
    text = Number.isNaN(value.getTime()) ? "an invalid Date" : JSON.stringify(value);
  } else if (typeof value === "object" && value !== null) {
    try {
      text = hideSecrets(JSON.stringify(value) ?? String(value));
    } catch {
      text = Object.prototype.toString.call(value);
    }
  } else {
    text = String(value);
  }
  return text.length > SHOWN_LENGTH
    ? `${text.slice(0, SHOWN_LENGTH)}… (${text.length} characters)`
    : text;
}

/** Replaces the passwords of the URLs in a text. */
export function hideSecrets(text: string): string {
  // Up to the last @ of a word, since a password may hold one.
  return text.replace(/(:\/\/[^\s:/@]*):\S*@/g, "$1:***@");
}
