/**
 * Pages of a list that is whole at hand, by cursor: pure.
 *
 * @module
 */

/** Which page. */
export interface PageAfter {
  /** Most items. */
  readonly limit: number;
  /** The key of the last item of the page before. */
  readonly cursor: string | undefined;
}

/** One page. */
export interface PageOfList<T> {
  readonly items: readonly T[];
  /** What asks for the next page; undefined on the last one. */
  readonly cursor: string | undefined;
}

/** Cuts a page out of a list, in the order of the items' keys. An item that goes breaks no cursor. */
export function pageAfter<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { limit, cursor }: PageAfter,
): PageOfList<T> {
  const rest = items.map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => cursor === undefined || key > cursor)
    .sort((a, b) => a.key < b.key ? -1 : 1);
  const page = rest.slice(0, limit);
  return {
    items: page.map(({ item }) => item),
    cursor: rest.length > limit ? page.at(-1)!.key : undefined,
  };
}
