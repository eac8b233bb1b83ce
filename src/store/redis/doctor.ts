/**
 * The doctor on Redis: a walk over all that belongs to the store, while it is
 * in use.
 *
 *     broken --> keys --> jobs --> payloads
 *
 * First what cannot be read is moved away, then every key is gone through, entry
 * by entry, then every job; at last long payloads that no record names. Scripts
 * get names only, and judge by what they read themselves.
 *
 * @module
 */

import { InvalidOptionError } from "../../errors.ts";
import type { CheckReply, CheckRequest, Finding, FindingKind } from "../doctor_stage.ts";
import type { ClaimContext } from "./claim.ts";
import { findSought, LongLists } from "./doctor_lists.ts";
import type { ScriptName } from "./scripts.gen.ts";
import { fromShort } from "./short_id.ts";

/** Where a walk stands. */
interface Place {
  readonly phase: "broken" | "keys" | "jobs" | "payloads";
  /** Cursor of the scan over jobs or keys; empty when that of keys has ended. */
  readonly scan: string;
  /** Names of keys that were found and not gone through. */
  readonly keys: readonly string[];
  /** Where in the first of them; empty at its beginning. */
  readonly at: string;
}

const START: Place = { phase: "broken", scan: "0", keys: [], at: "" };
/** Most calls of a step that find little to look at. */
const MAX_CALLS = 50;
/** Fewest keys that one call looks at: most of a server may belong to others. */
const MIN_KEYS = 500;
/** Most jobs or entries of one call: others wait for it. */
const MAX_PER_CALL = 100;
/** Keys that have an entry for each of many jobs. */
const COLLECTION =
  /^(state|told|claims|locks|tombs|relay|family|purge|expire|due|drafts|parked|schedules|schedDue|schedIds|startMarks|memos|memoEnds)$|^(p|pk|slots|kin|l|f|d|r|b|gc|gd|gt|gx|kc|kd|kt|kx|leases):/;
/** Keys of one job, one group, one memo or the like. */
const SINGLE = /^(log|schedLog|res|pend|kids|draftIds|draft|memo|hits):/;

/** See `DoctorStage.check`. */
export async function check(context: ClaimContext, request: CheckRequest): Promise<CheckReply> {
  const step = new Step(context, request);
  let place: Place | undefined = request.cursor === undefined ? START : parsePlace(request.cursor);
  for (let calls = 0; place !== undefined && calls < MAX_CALLS; calls++) {
    place = await step.go(place);
    if (step.checked >= request.limit) break;
  }
  const { checked, findings } = step;
  return { checked, findings, ...place === undefined ? {} : { cursor: JSON.stringify(place) } };
}

function parsePlace(cursor: string): Place {
  try {
    const { phase, scan, keys, at } = JSON.parse(cursor) as Place;
    const isPlace = ["broken", "keys", "jobs", "payloads"].includes(phase) &&
      /^\d*$/.test(scan) && /^-?\d*$/.test(at) && keys.every((key) => COLLECTION.test(key));
    if (isPlace) return { phase, scan, keys, at };
  } catch {
    // Refused below.
  }
  throw new InvalidOptionError("check store", "cursor", "come from the step before", cursor);
}

/** What one step does and finds. */
class Step {
  readonly findings: Finding[] = [];
  checked = 0;
  readonly #context: ClaimContext;
  readonly #repair: boolean;
  readonly #limit: number;
  /** Jobs or entries of one call. */
  readonly #count: number;

  constructor(context: ClaimContext, { repair, limit }: CheckRequest) {
    this.#context = context;
    this.#repair = repair;
    this.#limit = limit;
    this.#count = Math.min(limit, MAX_PER_CALL);
  }

  /** Goes on from a place; gives the next one, or undefined at the end of the walk. */
  async go(place: Place): Promise<Place | undefined> {
    switch (place.phase) {
      case "broken": {
        const [scan] = await this.#call("check_broken", [place.scan, this.#count]) as [string];
        return scan === "0" ? { ...START, phase: "keys" } : { ...place, scan };
      }
      case "keys":
        if (place.keys.length > 0) return await this.#goThrough(place);
        if (place.scan === "") return { ...START, phase: "jobs" };
        return await this.#findKeys(place);
      case "jobs": {
        const scan = await this.#lookAtJobs(place.scan);
        return scan === "0" ? { ...START, phase: "payloads" } : { ...place, scan };
      }
      case "payloads": {
        const scan = await this.#lookAtPayloads(place.scan);
        return scan === "0" ? undefined : { ...place, scan };
      }
    }
  }

  /** Goes on with the first key. */
  async #goThrough({ keys, at, ...place }: Place): Promise<Place> {
    const key = keys[0]!;
    const isList = /^[lf]:/.test(key);
    const [next] = isList
      ? await this.#call("check_list", [key, at, this.#count])
      : await this.#call("check_scan", [key, at || "0", this.#count]);
    const isEnd = next === "" || next === "0" && !isList;
    return { ...place, keys: isEnd ? keys.slice(1) : keys, at: isEnd ? "" : next as string };
  }

  /** Looks for keys, and at those that stand for one job each. */
  async #findKeys(place: Place): Promise<Place> {
    const { next, names } = await this.#scanKeys(place.scan, "");
    const singles = names.filter((name) => SINGLE.test(name));
    if (singles.length > 0) await this.#call("check_keys", ["", ...singles]);
    const keys = names.filter((name) => COLLECTION.test(name));
    return { ...place, scan: next === "0" ? "" : next, keys };
  }

  async #scanKeys(cursor: string, begin: string): Promise<{ next: string; names: string[] }> {
    const { runner } = this.#context;
    const root = runner.key("");
    const pattern = `${(root + begin).replace(/[\\*?[\]]/g, "\\$&")}*`;
    const count = Math.max(MIN_KEYS, this.#limit);
    const [next, found] = await runner.command("SCAN", [
      cursor,
      "MATCH",
      pattern,
      "COUNT",
      count,
    ]) as [string, string[]];
    return { next, names: [...new Set(found)].map((name) => name.slice(root.length)) };
  }

  /** Looks at jobs; where their lists are too long for that, at many, since each list is read whole. */
  async #lookAtJobs(cursor: string): Promise<string> {
    const lists = new LongLists(this.#context.runner, this.#limit);
    let scan = cursor;
    do {
      const [next, unsure, marks, length] = await this.#call("check_jobs", [scan, this.#count]);
      lists.add(unsure as string[], marks as string[], length as number);
      scan = next as string;
    } while (scan !== "0" && lists.wantsMore);
    for await (const args of lists.search()) {
      await this.#call("check_confirm", args, false);
    }
    return scan;
  }

  /** Looks for payloads without an end of life that no record names. */
  async #lookAtPayloads(cursor: string): Promise<string> {
    const { runner } = this.#context;
    const { next, names } = await this.#scanKeys(cursor, "big:");
    if (names.length === 0) return next;
    const [lasting] = await this.#call("check_keys", ["", ...names]) as [string[]];
    const sought = await findSought(runner, lasting);
    if (sought.length > 0) await this.#call("check_keys", ["1", ...sought], false);
    return next;
  }

  /** Calls a script, and notes what it found; gives the rest of its reply. */
  async #call(
    script: ScriptName,
    args: readonly (string | number)[],
    counts: boolean = true,
  ): Promise<unknown[]> {
    const { runner, retention } = this.#context;
    const reply = await runner.call(script, [...retention, this.#repair ? "1" : "", ...args]);
    const [checked, found, ...rest] = reply as [number, string[], ...unknown[]];
    if (counts) this.checked += checked;
    for (let i = 0; i < found.length; i += 4) {
      const [kind, id, text, repaired] = found.slice(i, i + 4) as [FindingKind, ...string[]];
      this.findings.push({
        kind,
        // A draft is no job.
        id: id === "" || id!.startsWith("#") ? null : fromShort(id!),
        text: text!.replace(/~[-\w]{22}/g, fromShort),
        repaired: repaired === "1",
      });
    }
    return rest;
  }
}
