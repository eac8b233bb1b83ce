/** Makes the wall clock of this process wrong; to be called before anything has looked at it. */
export function shiftDate(ms: number): void {
  const Real = Date;
  const now = (): number => Real.now() + ms;
  globalThis.Date = new Proxy(Real, {
    construct: (target, args) => args.length === 0 ? new target(now()) : new target(...args as []),
    apply: () => new Real(now()).toString(),
    get: (target, key) => key === "now" ? now : Reflect.get(target, key),
  });
}
