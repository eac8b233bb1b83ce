// @ts-check
/**
 * What keys do on every page. Within a table, `parts/table.js` has more.
 */

import { go, href } from "./router.js";
import { shared } from "./state.js";

/** Whether the keys are shown. */
export const isHelpOpen = shared(false);

/** Whether the key before was `g`. */
let isGoing = false;

/**
 * Does what a key says, unless it is typed into a field or belongs to a dialog.
 *
 * @param {KeyboardEvent} event
 * @param {ReadonlyMap<string, string>} pages The pages, by their letters.
 */
export function onKey(event, pages) {
  const { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const wasGoing = isGoing;
  if (key !== "Shift") isGoing = false;
  if (!(target instanceof HTMLElement) || document.querySelector("dialog[open]")) return;
  if (target.matches("input:not([type=checkbox]), select, textarea")) {
    if (key === "Escape") target.blur();
    return;
  }
  const page = pages.get(key);
  if (wasGoing && page !== undefined) go(href([page]));
  else if (key === "g") isGoing = true;
  else if (key === "?") isHelpOpen.set(true);
  else if (key === "/") focus("#main input[type=search]");
  else if (key === "j" || key === "k") focus("#main tbody tr[tabindex]");
  else return;
  event.preventDefault();
}

/** @param {string} selector */
function focus(selector) {
  /** @type {HTMLElement | null} */ (document.querySelector(selector))?.focus();
}
