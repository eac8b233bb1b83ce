/** Tells which command of a connection each reply belongs to. */

import { decodeValue, type RespValue } from "./resp.ts";

/** A command that waits for its reply. */
interface Waiting<T> {
  readonly value: T;
  readonly name: string;
  /** Confirmations still to come, of a command that subscribes or the like. */
  confirmations: number;
  /** Whether it ends with no subscription of its kind left, as it named none. */
  readonly all: boolean;
}

/** What a reply belongs to: the command whose last or only reply it is, or a part of one. */
export interface Matched<T> {
  readonly value: T;
  readonly isLast: boolean;
}

const SUBSCRIBING = /^[PS]?(?:UN)?SUBSCRIBE$/;
const MESSAGES = ["message", "pmessage", "smessage"];
const [ARRAY, PUSH] = ["*", ">"].map((type) => type.charCodeAt(0));

/**
 * Commands of one connection that wait, oldest first. Messages and other pushes belong to none; a
 * command that subscribes has a confirmation for each channel instead of a reply. Not for clients
 * that say MONITOR or CLIENT REPLY.
 */
export class ReplyMatcher<T> {
  readonly #waiting: Waiting<T>[] = [];
  #subscribed = false;

  /** How many commands wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Notes that a command has been sent. */
  sent(value: T, name: string, argCount: number): void {
    const isSubscribing = SUBSCRIBING.test(name);
    const confirmations = isSubscribing ? Math.max(1, argCount) : 0;
    if (isSubscribing) this.#subscribed = true;
    const all = isSubscribing && argCount === 0;
    this.#waiting.push({ value, name, confirmations, all });
  }

  /** The command that a reply belongs to, or undefined for a push. */
  match(reply: Uint8Array): Matched<T> | undefined {
    const oldest = this.#waiting[0];
    const kind = this.#kindOf(reply);
    if (kind === undefined) return reply[0] === PUSH || !oldest ? undefined : this.#end(oldest);
    const owner = this.#waiting.find(({ name }) => name === kind.name);
    if (!owner) return undefined;
    owner.confirmations--;
    const isLast = owner.all ? kind.isOver : owner.confirmations <= 0;
    return isLast ? this.#end(owner) : { value: owner.value, isLast };
  }

  #end(waiting: Waiting<T>): Matched<T> {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    return { value: waiting.value, isLast: true };
  }

  /** What a confirmation or message says; undefined for all else. */
  #kindOf(reply: Uint8Array): { readonly name: string; readonly isOver: boolean } | undefined {
    const mayBe = reply[0] === PUSH || (reply[0] === ARRAY && this.#subscribed);
    const value: RespValue = mayBe ? decodeValue(reply) : null;
    if (!Array.isArray(value) || typeof value[0] !== "string") return undefined;
    const [type, channel, left] = value;
    if (MESSAGES.includes(type) && value.length >= 3) return { name: "", isOver: false };
    const name = type.toUpperCase();
    if (!SUBSCRIBING.test(name)) return undefined;
    return { name, isOver: channel === null || left === 0 };
  }
}
