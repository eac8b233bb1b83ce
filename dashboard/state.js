// @ts-check
/**
 * Values that several parts of the page share.
 */

import { useEffect, useState } from "./vendor/preact.js";

/**
 * @template T
 * @typedef {object} Shared
 * @property {() => T} get
 * @property {(value: T) => void} set
 * @property {(listener: (value: T) => void) => () => void} listen Gives what ends it.
 */

/**
 * @template T
 * @param {T} initial
 * @returns {Shared<T>}
 */
export function shared(initial) {
  let value = initial;
  /** @type {Set<(value: T) => void>} */
  const listeners = new Set();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(value, next)) return;
      value = next;
      for (const listener of [...listeners]) listener(value);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/**
 * The value now; what uses it is drawn anew when it changes.
 *
 * @template T
 * @param {Shared<T>} one
 * @returns {T}
 */
export function useShared(one) {
  const [value, setValue] = useState(one.get());
  useEffect(() => {
    setValue(() => one.get());
    return one.listen((next) => setValue(() => next));
  }, [one]);
  return value;
}

/**
 * @typedef {object} User
 * @property {string} username
 * @property {string} role
 * @property {readonly string[] | null} queues The only ones that they see; null for all.
 */

/** Who uses the page: null while nobody has logged in, undefined while that is not known. */
export const me = shared(/** @type {User | null | undefined} */ (undefined));

const ranks = ["viewer", "operator", "admin"];

/** Whether whoever uses the page may do what a role may. @param {"viewer" | "operator" | "admin"} role */
export function may(role) {
  const mine = me.get()?.role ?? "";
  return ranks.indexOf(mine) >= ranks.indexOf(role);
}

/** Whether whoever uses the page sees all queues: what concerns all is refused to others. */
export function seesAll() {
  return me.get()?.queues === null;
}

/** Whether the page can be seen: nothing is asked for while it cannot. */
export const visible = shared(document.visibilityState !== "hidden");
document.addEventListener("visibilitychange", () => {
  visible.set(document.visibilityState !== "hidden");
});
