/** True if and only if two types are the same, `any` and `unknown` told apart. */
export type Exact<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2)
  ? true
  : false;

/** Compiles only for `true`. */
export function isTrue<_T extends true>(): void {}
