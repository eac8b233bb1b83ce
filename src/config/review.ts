/**
 * Collects what is wrong with a configuration.
 *
 * @module
 */

import { show } from "../errors.ts";
import type { YamlFile } from "./document.ts";
import { pathOf, type Place } from "./place.ts";
import type { ConfigProblem } from "./problem.ts";
import type { ReadVariable } from "./variables.ts";

/** What is told of a problem besides its place and rule. */
export interface Told {
  /** The value seen; absent for what has none, or may not be shown. */
  readonly value?: unknown;
  /** The same, in words. */
  readonly shown?: string;
  /** What was probably meant. */
  readonly suggestion?: string | undefined;
  /** Whether it is about the key, and not about its value. */
  readonly isKey?: true;
}

/** Stands for a value that may be a secret. */
export const HIDDEN = "[not shown]";

/** What was found so far. */
export class Review {
  /** Reads variables of the environment. */
  readonly variable: ReadVariable;
  readonly #file: YamlFile;
  readonly #problems: ConfigProblem[] = [];
  readonly #warnings: ConfigProblem[] = [];
  /** The places of problems, and all that they are in. */
  readonly #wrong = new Set<string>();

  /** Begins one. */
  constructor(file: YamlFile, variable: ReadVariable) {
    this.#file = file;
    this.variable = variable;
  }

  /** What is wrong, in the order of the file. */
  get problems(): readonly ConfigProblem[] {
    return inOrder(this.#problems);
  }

  /** What should be known, in the order of the file. */
  get warnings(): readonly ConfigProblem[] {
    return inOrder(this.#warnings);
  }

  /** A scalar as it is written. */
  source(place: Place): string | undefined {
    return this.#file.source(place);
  }

  /** Something is wrong. @param rule Completes "must …". */
  report(place: Place, rule: string, told: Told = {}): void {
    this.#problems.push(this.#problem(place, rule, told));
    for (let depth = 0; depth <= place.length; depth++) {
      this.#wrong.add(pathOf(place.slice(0, depth)));
    }
  }

  /** Something should be known, of a key that is used. @param words Completes "'key' …". */
  warn(place: Place, words: string): void {
    const { message: _message, ...rest } = this.#problem(place, words, { isKey: true });
    this.#warnings.push({ ...rest, message: `${nameOf(place)} ${words}` });
  }

  /** Whether something is wrong at a place, or in it. */
  isWrong(place: Place): boolean {
    return this.#wrong.has(pathOf(place));
  }

  #problem(place: Place, rule: string, told: Told): ConfigProblem {
    const { suggestion, isKey } = told;
    const value = told.shown ?? ("value" in told ? show(told.value) : undefined);
    const seen = value === undefined ? "" : `: current value is ${value}`;
    const meant = suggestion === undefined ? "" : `; did you mean '${suggestion}'?`;
    return {
      path: pathOf(place),
      ...this.#file.position(place, isKey === true ? "key" : "value"),
      rule,
      value,
      suggestion,
      message: `${nameOf(place)} must ${rule}${seen}${meant}`,
    };
  }
}

/** What a place is called in a sentence. */
function nameOf(place: Place): string {
  return place.length === 0 ? "the file" : `'${pathOf(place)}'`;
}

function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const line = (problem: ConfigProblem): number => problem.line ?? 0;
  const column = (problem: ConfigProblem): number => problem.column ?? 0;
  return problems.toSorted((a, b) => line(a) - line(b) || column(a) - column(b));
}
