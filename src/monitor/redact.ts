/**
 * What of payloads, results and meta is not for everyone: pure.
 *
 * @module
 */

import { InvalidOptionError } from "../errors.ts";
import type { Role } from "./auth/principal.ts";

/** What stands in the place of what is not shown. */
export const REDACTED = "[redacted]";

/** Values that are not shown. */
export interface RedactRule {
  /**
   * Where they stand: the field of the job (`payload`, `result` or `meta`), then names of
   * properties, with dots between; `*` is any property or element, `**` any number of them.
   * `payload.user.email`, `payload.cards.*.number`, `**.password`.
   */
  readonly path: string;
  /** Who sees them all the same. @default {["admin"]} */
  readonly except?: readonly Role[];
  /** Only in jobs of these types. @default {all} */
  readonly types?: readonly string[];
}

/** The fields of a job that hold what users put there. */
export interface Visible {
  readonly payload: unknown;
  readonly result: unknown;
  readonly meta: unknown;
}

interface Rule {
  readonly path: readonly string[];
  readonly except: readonly Role[];
  readonly types: readonly string[] | undefined;
}

const ACTION = "create monitor";
const MOST_RULES = 100;

/** Leaves out of jobs what is not for whoever asks. */
export class Redactor {
  readonly #rules: readonly Rule[];

  /**
   * @param rules What is not shown.
   * @throws {InvalidOptionError} If there are too many, or a path names nothing.
   */
  constructor(rules: readonly RedactRule[]) {
    if (!Array.isArray(rules) || rules.length > MOST_RULES) {
      throw new InvalidOptionError(ACTION, "redact", `be a list of at most ${MOST_RULES}`, rules);
    }
    this.#rules = rules.map(toRule);
  }

  /** Whether anything of a type is not for a role. */
  hides(type: string, role: Role): boolean {
    return this.#rules.some((rule) => applies(rule, type, role));
  }

  /** Copies fields of a job of a type without what is not for a role; the same object if there is nothing. */
  apply<T extends Visible>(job: T, type: string, role: Role): T {
    const rules = this.#rules.filter((rule) => applies(rule, type, role));
    if (rules.length === 0) return job;
    const { payload, result, meta } = job;
    const shown = rules.reduce<unknown>(
      (value, { path }) => without(value, path),
      { payload, result, meta },
    );
    return { ...job, ...shown as Visible };
  }
}

function applies({ except, types }: Rule, type: string, role: Role): boolean {
  return !except.includes(role) && (types === undefined || types.includes(type));
}

function toRule({ path, except = ["admin"], types }: RedactRule, at: number): Rule {
  const option = `redact[${at}].path`;
  const parts = typeof path === "string" ? path.split(".") : [];
  const isField = ["payload", "result", "meta", "*", "**"].includes(parts[0] ?? "");
  if (!isField || parts.includes("") || parts.length > 20) {
    const rule = "begin with payload, result, meta or **, and name properties with dots between";
    throw new InvalidOptionError(ACTION, option, rule, path);
  }
  if (parts.filter((part) => part === "**").length > 2) {
    throw new InvalidOptionError(ACTION, option, "have '**' at most twice", path);
  }
  return { path: parts, except, types };
}

/** Copies a value without what stands at a path. */
function without(value: unknown, path: readonly string[]): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value === undefined ? value : REDACTED;
  if (typeof value !== "object" || value === null) return value;
  if (part === "**") {
    const here = rest.length === 0 ? value : without(value, rest);
    return mapEntries(here, (child) => without(child, rest.length === 0 ? [] : path));
  }
  return mapEntries(value, (child, name) => {
    return part === "*" || part === name ? without(child, rest) : child;
  });
}

function mapEntries(
  value: unknown,
  map: (child: unknown, name: string) => unknown,
): unknown {
  if (Array.isArray(value)) return value.map((child, i) => map(child, String(i)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, map(child, name)]));
}
