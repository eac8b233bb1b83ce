/**
 * Ready jobs that wait for room at a rule of their key, in the memory store.
 *
 * A claim that meets a job whose key has no room parks it: it leaves its lane's
 * heap for one of its key, so that no claim meets it again. When the key gets
 * room, as many of the first ones go back as there is room for. So the first jobs
 * of a key always stand in their lane, as many as may run, and each job is parked
 * at most once for each time that its key has no room. A type without room needs
 * none of this: its lanes are not looked at.
 *
 *     lane --met without room--> parked --slot or token, a look--> lane
 *
 * A look is due at the time at which the next token comes.
 *
 * @module
 */

import { Heap } from "../../heap.ts";
import type { Entry } from "./entry.ts";
import type { Meter } from "./meters.ts";
import { isReady, type Node, peekAlive } from "./nodes.ts";
import type { Lane, MemoryState } from "./state.ts";

/** Jobs of a key and lane that one look puts back at most. */
const PUT_BACK_AT_ONCE = 100;
/** Looks that one claim takes at most. */
export const LOOKS_PER_STEP = 256;

/** A look at a key or a type (`k:KEY`, `t:TYPE`), and when it is due. */
interface Look {
  readonly name: string;
  readonly at: number;
}

/** The jobs that are parked, and the looks to come. */
export class Parking {
  /** Parked jobs by key and lane. */
  readonly lines: Map<string, Map<Lane, Heap<Node>>> = new Map();
  /** When each look is due. */
  readonly looks: Map<string, number> = new Map();
  readonly #due = new Heap<Look>((a, b) => a.at < b.at);
  readonly #state: MemoryState;
  /** Lanes that got room in this call: whoever waits for them is told at its end. */
  readonly #opened = new Set<Lane>();

  /** @param state Whose jobs they are. */
  constructor(state: MemoryState) {
    this.#state = state;
  }

  /** Parks a job that was taken from its lane, if its key has no room; tells whether. */
  park(entry: Entry): boolean {
    const { type, settings: { limitKey } } = entry.job;
    const meter = this.#state.meters.ofKey(type, limitKey);
    if (meter === undefined || this.#state.meters.room(meter) > 0) return false;
    let lines = this.lines.get(limitKey!);
    if (lines === undefined) this.lines.set(limitKey!, lines = new Map());
    let line = lines.get(entry.lane);
    if (line === undefined) {
      lines.set(entry.lane, line = new Heap<Node>((a, b) => a.key < b.key));
    }
    line.push({ entry, key: entry.order });
    entry.parked = true;
    this.#lookLater(limitKey!, meter);
    return true;
  }

  /** A claim has begun: it took a slot and a token. */
  claimed(entry: Entry): void {
    const { meters } = this.#state;
    meters.add(entry);
    if (meters.rules.size === 0) return;
    meters.spend(entry);
    const { type, settings: { limitKey } } = entry.job;
    if (limitKey === undefined || !this.lines.has(limitKey)) return;
    const meter = meters.ofKey(type, limitKey);
    if (meter !== undefined) this.#lookLater(limitKey, meter);
  }

  /** A claim has ended: its slots are free. */
  freed(entry: Entry): void {
    const { meters } = this.#state;
    meters.delete(entry);
    const { type, settings: { limitKey } } = entry.job;
    if (meters.rules.size > 0 && meters.ofType(type) !== undefined) this.openType(type);
    if (limitKey !== undefined) this.putBack(limitKey);
  }

  /** Puts parked jobs of a key back, as many of each lane as there is room for. */
  putBack(key: string): void {
    const { meters } = this.#state;
    const lines = this.lines.get(key);
    if (lines === undefined) return;
    for (const [lane, line] of lines) {
      const meter = meters.ofKey(lane.type, key);
      const room = meter === undefined ? Infinity : meters.room(meter);
      let left = Math.min(room, PUT_BACK_AT_ONCE);
      let node = peekAlive(line, isParked);
      while (node !== undefined && left > 0) {
        line.pop();
        node.entry.parked = false;
        lane.ready.push(node);
        this.#opened.add(lane);
        left--;
        node = peekAlive(line, isParked);
      }
      if (node === undefined) lines.delete(lane);
      else if (room > PUT_BACK_AT_ONCE) this.#look(`k:${key}`, 0);
      else if (meter !== undefined) this.#lookLater(key, meter);
    }
    if (lines.size === 0) this.lines.delete(key);
  }

  /** A type may have room: whoever waits for it is told at the end of this call. */
  openType(type: string): void {
    for (const types of this.#state.lanes.values()) {
      const lane = types.get(type);
      if (lane !== undefined) this.#opened.add(lane);
    }
  }

  /** Jobs of a type wait for its next token. */
  typeWaits(type: string, ms: number): void {
    this.#look(`t:${type}`, ms);
  }

  /** Takes the looks that are due. */
  lookAround(): void {
    const now = this.#state.clock.now();
    for (let left = LOOKS_PER_STEP; left > 0; left--) {
      const look = this.#next();
      if (look === undefined || look.at > now) return;
      this.looks.delete(look.name);
      const name = look.name.slice(2);
      if (look.name.startsWith("k:")) this.putBack(name);
      else this.openType(name);
    }
  }

  /** Milliseconds until the next look; null if there is none. */
  nextInMs(): number | null {
    const look = this.#next();
    return look === undefined ? null : Math.max(0, look.at - this.#state.clock.now());
  }

  /** Wakes who waits for lanes that got room, and still have it. */
  tell(): void {
    for (const lane of this.#opened) {
      const { queue, type } = lane;
      const isOpen = this.typeRoom(type) > 0 && !this.#state.isPaused(queue, type);
      if (isOpen && peekAlive(lane.ready, isReady) !== undefined) {
        this.#state.wakes.ready(queue, type);
      }
    }
    this.#opened.clear();
  }

  /** How many jobs of a type may be claimed now, whatever their keys. */
  typeRoom(type: string): number {
    const { meters } = this.#state;
    const meter = meters.rules.size === 0 ? undefined : meters.ofType(type);
    return meter === undefined ? Infinity : meters.room(meter);
  }

  #lookLater(key: string, meter: Meter): void {
    const ms = this.#state.meters.untilMore(meter);
    if (ms !== null) this.#look(`k:${key}`, ms);
  }

  #look(name: string, ms: number): void {
    const at = this.#state.clock.now() + ms;
    if (at >= (this.looks.get(name) ?? Infinity)) return;
    const next = this.#next();
    this.looks.set(name, at);
    this.#due.push({ name, at });
    // Who sleeps until something is due must not sleep too long.
    if (next === undefined || at < next.at) this.#state.wakes.all();
  }

  #next(): Look | undefined {
    return peek(this.#due, this.looks);
  }
}

/** Whether a node of a key's heap is still that job's place. */
export function isParked(node: Node): boolean {
  return node.entry.parked && isReady(node);
}

function peek(due: Heap<Look>, looks: ReadonlyMap<string, number>): Look | undefined {
  let look = due.peek();
  while (look !== undefined && looks.get(look.name) !== look.at) {
    due.pop();
    look = due.peek();
  }
  return look;
}
