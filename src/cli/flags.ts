/**
 * Flags of commands: what each takes, and how it is read.
 *
 * @module
 */

import { suggestion } from "../nearest.ts";
import { UsageError } from "./command.ts";

/** A flag. */
export interface Flag<T> {
  /** What stands for its value in the usage; absent if it takes none. */
  readonly value?: string;
  /** What it is for. */
  readonly about: string;
  /** Another name, of one letter. */
  readonly short?: string;
  /** What it can be, for completions. */
  readonly choices?: readonly string[];
  /** Its value out of the texts that were given, none or more; throws `UsageError` if one breaks its rule. */
  read(name: string, given: readonly string[]): T;
}

/** The flags of a command, by their names. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** The values of flags. */
export type Values<F extends Flags> = { readonly [N in keyof F]: ReturnType<F[N]["read"]> };

/** A flag without a value: true if it is given. */
export function yes(about: string, short?: string): Flag<boolean> {
  return {
    about,
    short,
    read: (name, given) => {
      const last = given.at(-1) ?? "false";
      if (last === "true" || last === "false") return last === "true";
      throw wrong(name, "be true or false", last);
    },
  };
}

/** A text, the last that was given. */
export function text(value: string, about: string): Flag<string | undefined> {
  return { value, about, read: (_, given) => given.at(-1) };
}

/** Texts, as often as they are given, and with commas between. */
export function texts(
  value: string,
  about: string,
  choices?: readonly string[],
): Flag<readonly string[]> {
  return {
    value,
    about,
    choices,
    read: (name, given) => {
      const all = given.flatMap((one) => one.split(",")).filter((one) => one !== "");
      for (const one of all) checkChoice(name, one, choices);
      return all;
    },
  };
}

/** One of some texts. */
export function oneOf<T extends string>(
  choices: readonly T[],
  about: string,
): Flag<T | undefined> {
  return {
    value: choices.join("|"),
    about,
    choices,
    read: (name, given) => {
      const last = given.at(-1);
      checkChoice(name, last, choices);
      return last as T | undefined;
    },
  };
}

/** A whole number. */
export function whole(
  value: string,
  about: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { readonly min?: number; readonly max?: number } = {},
): Flag<number | undefined> {
  return {
    value,
    about,
    read: (name, given) => {
      const last = given.at(-1);
      if (last === undefined) return undefined;
      const number = Number(last);
      if (/^-?\d+$/.test(last) && number >= min && number <= max) return number;
      const rule = max === Number.MAX_SAFE_INTEGER
        ? `be a whole number >= ${min}`
        : `be a whole number from ${min} to ${max}`;
      throw wrong(name, rule, last);
    },
  };
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time span such as `90s`, `5m`, `2h` or `7d`, in milliseconds. */
export function span(value: string, about: string): Flag<number | undefined> {
  return {
    value,
    about,
    read: (name, given) => {
      const last = given.at(-1);
      if (last === undefined) return undefined;
      const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(last) ?? [];
      const ms = Math.round(Number(digits) * (UNITS[unit] ?? NaN));
      if (digits !== "" && Number.isSafeInteger(ms)) return ms;
      throw wrong(name, "be a number with a unit (ms, s, m, h, d), such as 90s", last);
    },
  };
}

/** The same flag, with a value where none is given. */
export function orElse<T>(flag: Flag<T | undefined>, fallback: T): Flag<T> {
  return {
    ...flag,
    about: `${flag.about} [${String(fallback)}]`,
    read: (name, given) => flag.read(name, given) ?? fallback,
  };
}

function checkChoice(name: string, given: string | undefined, choices?: readonly string[]): void {
  if (given === undefined || choices === undefined || choices.includes(given)) return;
  const error = wrong(name, `be one of ${choices.join(", ")}`, given);
  throw new UsageError(error.message + suggestion(given, choices));
}

function wrong(name: string, rule: string, given: string): UsageError {
  return new UsageError(`'--${name}' must ${rule}: current value is '${given}'`);
}
