/**
 * How the embedded stores walk through themselves to check themselves: section
 * by section, each in an order that does not change while jobs come and go.
 *
 * @module
 */

import { InvalidOptionError } from "../errors.ts";
import type { CheckReply, CheckRequest, Finding, FindingKind } from "./doctor_stage.ts";

/** One thing that is wrong. */
export interface Problem {
  /** What kind of thing. */
  readonly kind: FindingKind;
  /** Id of the job that it is about; null if it is about none. */
  readonly id: string | null;
  /** What was seen where, for people. */
  readonly text: string;
  /** Puts it right; absent where that cannot be done. */
  readonly mend?: () => void;
}

/** What was seen of a section. */
export interface Part {
  /** Entries looked at. */
  readonly checked: number;
  /** What is wrong with them. */
  readonly problems: readonly Problem[];
  /** The place behind the last of them; absent at the end of the section. */
  readonly next?: string;
}

/** Entries of one kind. */
export interface Section {
  /** One letter that stands for it in a cursor. */
  readonly mark: string;
  /** What a place in it looks like. */
  readonly place: RegExp;
  /**
   * Whether mending one entry may change another, or one problem hide another:
   * then each is looked at again after each repair.
   */
  readonly oneByOne: boolean;
  /** Looks at the entries behind a place; the empty one is before all. */
  look(after: string, limit: number): Part;
}

/** What a walk found, and whether anything of it can be put right. */
export interface Walked {
  readonly reply: CheckReply;
  readonly isMendable: boolean;
}

/** Repairs of one step besides two per entry: what one entry may need. */
const SPARE_REPAIRS = 16;

/**
 * Goes on from where the cursor says, through at most `limit` entries.
 *
 * @throws {InvalidOptionError} If the cursor is not one that a step gave.
 */
export function walk(sections: readonly Section[], request: CheckRequest): Walked {
  const { repair, limit } = request;
  let [index, after] = placeOf(sections, request.cursor);
  const findings: Finding[] = [];
  const tried = new Set<string>();
  let [checked, mended, isMendable] = [0, 0, false];
  const note = (problem: Problem, repaired: boolean): void => {
    const { kind, id, text } = problem;
    findings.push({ kind, id, text, repaired });
  };
  const mend = (problem: Problem): void => {
    problem.mend!();
    mended++;
    note(problem, true);
  };
  while (index < sections.length && checked < limit && mended < 2 * limit + SPARE_REPAIRS) {
    const section = sections[index]!;
    const part = section.look(after, repair && section.oneByOne ? 1 : limit - checked);
    if (repair && section.oneByOne) {
      const next = part.problems.find((one) => one.mend !== undefined && !tried.has(nameOf(one)));
      if (next !== undefined) {
        tried.add(nameOf(next));
        mend(next);
        continue;
      }
    }
    for (const problem of part.problems) {
      isMendable ||= problem.mend !== undefined;
      if (repair && !section.oneByOne && problem.mend !== undefined) mend(problem);
      else note(problem, false);
    }
    checked += part.checked;
    if (part.next === undefined) [index, after] = [index + 1, ""];
    else after = part.next;
  }
  const end = sections[index];
  const reply = { checked, findings };
  return {
    reply: end === undefined ? reply : { ...reply, cursor: end.mark + after },
    isMendable,
  };
}

function nameOf({ kind, id, text }: Problem): string {
  return JSON.stringify([kind, id, text]);
}

function placeOf(sections: readonly Section[], cursor: string | undefined): [number, string] {
  if (cursor === undefined) return [0, ""];
  const after = cursor.slice(1);
  const index = sections.findIndex(({ mark }) => mark === cursor[0]);
  if (index >= 0 && (after === "" || sections[index]!.place.test(after))) return [index, after];
  throw new InvalidOptionError("check store", "cursor", "come from the step before", cursor);
}
