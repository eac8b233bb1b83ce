// @ts-check
/**
 * Lists that the API tells page by page: as many rows as are wanted, read anew together.
 */

import { get } from "./api.js";
import { useData } from "./data.js";
import { useEffect, useState } from "./vendor/preact.js";

/** Rows that are wanted at first, and those that are wanted more. */
const ROWS = 50;
/** Requests for so many rows: a step of a search may find none. */
const MOST_STEPS = 5;
const LARGEST_PAGE = 100;

/**
 * The rows of a list of the API.
 *
 * @param {string} path
 * @param {Readonly<Record<string, unknown>>} query
 * @param {(row: any) => string} keyOf
 * @param {import("./data.js").DataOptions} [options]
 */
export function useRows(path, query, keyOf, options) {
  const [wanted, setWanted] = useState(ROWS);
  const [isBusy, setBusy] = useState(false);
  const key = JSON.stringify([path, query]);
  const data = useData(
    async (signal) => {
      const rows = new Map();
      let scanned = 0;
      /** @type {string | undefined} */
      let cursor;
      let steps = 0;
      do {
        const limit = Math.min(LARGEST_PAGE, wanted - rows.size);
        const { data, meta } = await get(path, { ...query, limit, cursor }, signal);
        for (const row of data) rows.set(keyOf(row), row);
        scanned += meta.scanned ?? 0;
        cursor = meta.cursor;
      } while (cursor !== undefined && rows.size < wanted && ++steps < MOST_STEPS * wanted / ROWS);
      return { rows: [...rows.values()], scanned, hasMore: cursor !== undefined };
    },
    [key],
    options,
  );
  useEffect(() => setWanted(ROWS), [key]);
  useEffect(() => {
    if (wanted === ROWS) return;
    setBusy(true);
    void data.reload().finally(() => setBusy(false));
  }, [wanted]);
  return { ...data, isBusy, more: () => setWanted(wanted + ROWS) };
}
