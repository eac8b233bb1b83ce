/** Which stores are measured. */

const KINDS: readonly string[] = ["redis", "sqlite"];

/**
 * The stores that the arguments name; all if they name none.
 *
 * @throws {RangeError} If there is no such store: nothing would be measured, and that well.
 */
export function wantedKinds(named: readonly (string | number)[]): readonly string[] {
  for (const name of named) {
    if (KINDS.includes(String(name))) continue;
    throw new RangeError(
      `Cannot run the bench as the store must be one of ${
        KINDS.join(", ")
      }: current value is "${name}"`,
    );
  }
  return named.length === 0 ? KINDS : named.map(String);
}
