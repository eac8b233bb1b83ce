/** Judges what handlers wrote down while limits were in force. */

import { assert } from "@std/assert";

/** What was seen. */
export interface Seen {
  /** Most handlers of each type that were alive at once. */
  readonly most: ReadonlyMap<string, number>;
  /** Starts by type. */
  readonly starts: ReadonlyMap<string, number>;
  /** Ends by type. */
  readonly ends: ReadonlyMap<string, number>;
}

/**
 * Reads the lines `start|end|late TYPE ID FENCE PID` and `dead PID`, in the order in which they
 * were written. The handlers of a process end with it.
 */
export function judge(text: string): Seen {
  const alive = new Map<string, Map<string, string>>();
  const [most, starts, ends] = [new Map(), new Map(), new Map()] as Map<string, number>[];
  const fences = new Map<string, number>();
  const count = (map: Map<string, number>, type: string): void =>
    void map.set(type, (map.get(type) ?? 0) + 1);
  for (const line of text.trim().split("\n")) {
    const [what, type = "", id = "", fence = "", pid = ""] = line.split(" ");
    if (what === "dead") {
      for (const handlers of alive.values()) {
        for (const [name, owner] of handlers) if (owner === type) handlers.delete(name);
      }
      continue;
    }
    const handlers = alive.get(type) ?? new Map<string, string>();
    alive.set(type, handlers);
    if (what === "start") {
      assert(Number(fence) > (fences.get(id) ?? 0), `fences of job ${id} rise`);
      fences.set(id, Number(fence));
      handlers.set(`${id} ${fence}`, pid);
      most!.set(type, Math.max(most!.get(type) ?? 0, handlers.size));
      count(starts!, type);
    } else {
      handlers.delete(`${id} ${fence}`);
      count(ends!, type);
    }
  }
  return { most: most!, starts: starts!, ends: ends! };
}
