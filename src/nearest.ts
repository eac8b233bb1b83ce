/**
 * What somebody may have meant who wrote a name that is none.
 *
 * @module
 */

/** Of longer names it is not looked for: nobody mistypes those, and it would take long. */
const MOST_LENGTH = 64;

/**
 * The known name that is nearest to a wrong one by letters left out, added, changed or swapped with the next (optimal
 * string alignment); undefined if none is near: a third of its letters may be wrong, and one of a short name.
 */
export function nearestName(wrong: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Infinity;
  if (wrong.length > MOST_LENGTH) return undefined;
  for (const name of known) {
    const far = distance(wrong.toLowerCase(), name.toLowerCase());
    if (far < least && far <= Math.max(1, Math.floor(name.length / 3))) [best, least] = [name, far];
  }
  return best;
}

/** As the end of a message: `; did you mean 'queue'?`, or nothing. */
export function suggestion(wrong: string, known: Iterable<string>, prefix = ""): string {
  const name = nearestName(wrong, known);
  return name === undefined ? "" : `; did you mean '${prefix}${name}'?`;
}

function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
