/**
 * Counts the calls of a method from now on, of all objects of a class. Redis itself does not
 * tell the commands that clients sent from those that scripts ran.
 *
 * @returns How many there have been so far.
 */
export function countCalls(prototype: object, method: string): () => number {
  let calls = 0;
  const original: unknown = Reflect.get(prototype, method);
  if (typeof original !== "function") {
    throw new TypeError(`Cannot count calls as "${method}" must be a method of the client`);
  }
  Reflect.set(prototype, method, function (this: unknown, ...args: unknown[]): unknown {
    calls++;
    return Reflect.apply(original, this, args);
  });
  return () => calls;
}
