// @ts-check
/**
 * The URL's hash says what is shown: `#/jobs/ID?tab=logs`. Whoever is given the URL sees the same.
 */

import { shared, useShared } from "./state.js";

/**
 * @typedef {object} Route
 * @property {string} page Its first segment; "" for the overview.
 * @property {readonly string[]} rest Its other segments, decoded.
 * @property {Readonly<Record<string, string>>} query
 */

/** @returns {Route} */
function read() {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const segments = path.split("/").map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
  const [page = "", ...rest] = segments;
  return { page, rest, query: Object.fromEntries(new URLSearchParams(query)) };
}

const route = shared(read());
addEventListener("hashchange", () => route.set(read()));

/** What is to be shown. */
export function useRoute() {
  return useShared(route);
}

/**
 * The link to a page.
 *
 * @param {readonly string[]} path Its segments.
 * @param {Readonly<Record<string, string | number | undefined | null>>} [query]
 */
export function href(path, query = {}) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  }
  const tail = params.size === 0 ? "" : `?${params}`;
  return `#/${path.map(encodeURIComponent).join("/")}${tail}`;
}

/** Shows another page. @param {string} link As `href` gives it. */
export function go(link) {
  location.hash = link.slice(1);
}

/**
 * Changes the query of this page, without a step to go back to.
 *
 * @param {Readonly<Record<string, string | number | undefined | null>>} changes
 */
export function setQuery(changes) {
  const { page, rest, query } = route.get();
  history.replaceState(null, "", href([page, ...rest], { ...query, ...changes }));
  route.set(read());
}
