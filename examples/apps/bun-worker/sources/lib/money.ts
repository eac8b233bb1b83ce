/** Cents as people read them, such as `12.50`. */
export function formatted(cents: number): string {
  return (cents / 100).toFixed(2);
}
