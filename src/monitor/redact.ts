/**
 * What of payloads, results and meta is not for everyone: pure.
 *
 * @module
 */

import { checkKeys, checkOneOf } from "../checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Role } from "./auth/principal.ts";

/** What stands in the place of what is not shown. */
export const REDACTED = "[redacted]";

/** Values that are not shown. */
export interface RedactRule {
  /**
   * Where they stand: the field of the job (`payload`, `result` or `meta`), then names of
   * properties, with dots between; `*` is any property or element, `**` any number of them, also
   * none. `payload.user.email`, `payload.cards.*.number`, `**.password`.
   *
   * Texts that a handler makes may quote what is in a payload. They have fields without properties:
   * `error` (of the job, and of its attempts, with their stacks), `logs`, and `progress` (what it says).
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

/** A field whose texts are shown or not, as a whole. */
export type TextField = "error" | "logs" | "progress";

/** A place on a path: what must stand there, and the place after it; null after the last. */
interface Step {
  readonly part: string;
  readonly next: Step | null;
}

interface Rule {
  readonly path: Step;
  readonly except: readonly Role[];
  readonly types: readonly string[] | undefined;
}

const ACTION = "create monitor";
const MOST_RULES = 100;
const LONGEST_PATH = 20;
/** Most places that are told at once, and most characters of one. */
const MOST_TOLD = 5;
const LONGEST_TOLD = 100;
const FIELDS = ["payload", "result", "meta", "*", "**"];
const TEXT_FIELDS: readonly string[] = ["error", "logs", "progress"] satisfies TextField[];
const ROLES: readonly Role[] = ["viewer", "operator", "admin", "producer"];

/** Leaves out of jobs what is not for whoever asks. */
export class Redactor {
  readonly #rules: readonly Rule[];

  /**
   * @param rules What is not shown.
   * @throws {InvalidOptionError} If there are too many, or one breaks its rule.
   */
  constructor(rules: readonly RedactRule[]) {
    if (!Array.isArray(rules) || rules.length > MOST_RULES) {
      throw new InvalidOptionError(ACTION, "redact", `be a list of at most ${MOST_RULES}`, rules);
    }
    this.#rules = rules.map(toRule);
  }

  /** Whether anything of a type is not for a role; of any type, if it is undefined. */
  hides(type: string | undefined, role: Role): boolean {
    return this.#rules.some((rule) => applies(rule, type, role));
  }

  /**
   * Where somebody would write over what a role does not see: hidden values of a job of a type that
   * are missing in what is written, and what stands for hidden ones there.
   *
   * @returns Some of the places, such as `payload.user.password`.
   */
  blindSpots(before: Visible, after: Visible, type: string, role: Role): readonly string[] {
    const steps = this.#stepsFor(type, role);
    const found: string[] = [];
    for (const field of ["payload", "result", "meta"] as const) {
      findBlind(before[field], after[field], stepsInto(field, steps), { place: field, found });
    }
    return found;
  }

  /** Whether the texts of a field of a type are not for a role. */
  hidesText(field: TextField, type: string, role: Role): boolean {
    return stepsInto(field, this.#stepsFor(type, role)).has(null);
  }

  /** Copies fields of a job of a type without what is not for a role; the same object if there is nothing. */
  apply<T extends Visible>(job: T, type: string, role: Role): T {
    const steps = this.#stepsFor(type, role);
    if (steps.size === 0) return job;
    const { payload, result, meta } = job;
    return { ...job, ...mapEntries({ payload, result, meta }, steps) as Visible };
  }

  /** The beginnings of the paths to what is not for a role. */
  #stepsFor(type: string, role: Role): ReadonlySet<Step | null> {
    const rules = this.#rules.filter((rule) => applies(rule, type, role));
    return withSkipped(new Set(rules.map(({ path }) => path)));
  }
}

function applies({ except, types }: Rule, type: string | undefined, role: Role): boolean {
  if (except.includes(role)) return false;
  return types === undefined || type === undefined || types.includes(type);
}

function toRule(rule: RedactRule, at: number): Rule {
  checkKeys(ACTION, rule, ["path", "except", "types"], `redact[${at}]`);
  const { path, except = ["admin"], types } = rule;
  checkList(`redact[${at}].except`, except);
  for (const role of except) checkOneOf(ACTION, `redact[${at}].except`, role, ROLES);
  if (types !== undefined) checkList(`redact[${at}].types`, types);
  const parts = typeof path === "string" ? path.split(".") : [];
  const isTexts = parts.length === 1 && TEXT_FIELDS.includes(parts[0]!);
  const isField = FIELDS.includes(parts[0] ?? "");
  if (!(isTexts || isField) || parts.includes("") || parts.length > LONGEST_PATH) {
    const words =
      "begin with payload, result, meta or **, and name properties with dots between, " +
      `or be one of ${TEXT_FIELDS.join(", ")}`;
    throw new InvalidOptionError(ACTION, `redact[${at}].path`, words, path);
  }
  const first = parts.reduceRight<Step | null>((next, part) => ({ part, next }), null)!;
  return { path: first, except, types };
}

function checkList(option: string, list: readonly string[]): void {
  if (Array.isArray(list)) return;
  throw new InvalidOptionError(ACTION, option, "be a list", list);
}

/**
 * Copies a value without what stands at the end of a path. It looks at each value once, whatever
 * the number of paths: `steps` are the places at which the paths to it stand.
 */
function without(value: unknown, steps: ReadonlySet<Step | null>): unknown {
  if (value === undefined || steps.size === 0) return value;
  if (steps.has(null)) return REDACTED;
  return typeof value === "object" && value !== null ? mapEntries(value, steps) : value;
}

function mapEntries(value: object, steps: ReadonlySet<Step | null>): unknown {
  if (Array.isArray(value)) {
    return value.map((child, i) => without(child, stepsInto(`${i}`, steps)));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, without(child, stepsInto(name, steps))]),
  );
}

/** Looks for hidden places, which `steps` lead to, that what is written lacks or has the mark at. */
function findBlind(
  before: unknown,
  after: unknown,
  steps: ReadonlySet<Step | null>,
  { place, found }: { readonly place: string; readonly found: string[] },
): void {
  if (steps.size === 0 || found.length === MOST_TOLD) return;
  if (steps.has(null)) {
    const isLost = before !== undefined && after === undefined;
    if (isLost || after === REDACTED) found.push(place.slice(0, LONGEST_TOLD));
    return;
  }
  const [old, written] = [childrenOf(before), childrenOf(after)];
  for (const name of new Set([...old.keys(), ...written.keys()])) {
    const child = { place: `${place}.${name}`, found };
    findBlind(old.get(name), written.get(name), stepsInto(name, steps), child);
  }
}

function childrenOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

/** The places of paths after a name. */
function stepsInto(name: string, steps: ReadonlySet<Step | null>): ReadonlySet<Step | null> {
  const after = new Set<Step | null>();
  for (const step of steps) {
    if (step === null) continue;
    if (step.part === "**") after.add(step);
    else if (step.part === "*" || step.part === name) after.add(step.next);
  }
  return withSkipped(after);
}

/** Adds the places after `**`, which may stand for nothing. */
function withSkipped(steps: Set<Step | null>): ReadonlySet<Step | null> {
  // What is added is looked at too.
  for (const step of steps) if (step?.part === "**") steps.add(step.next);
  return steps;
}
