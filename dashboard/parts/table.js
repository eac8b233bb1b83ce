// @ts-check
/**
 * Tables: rows keep their place in the page while they are read anew, can be chosen, and can be gone through with
 * the keyboard (j and k or the arrows, x to choose, Enter to open). A click with Shift chooses all from the last one.
 */

import { html, useRef } from "../vendor/preact.js";

/**
 * @template T
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: T) => unknown} cell
 * @property {"number" | "called" | "when" | "wide" | "narrow"} [kind]
 * @property {boolean} [isMinor] Left out on narrow screens.
 */

/**
 * @template T
 * @typedef {object} TableProps
 * @property {string} label What the rows are, for those who cannot see it.
 * @property {readonly T[]} rows
 * @property {readonly Column<T>[]} columns
 * @property {(row: T) => string} keyOf
 * @property {(row: T) => string | undefined} [hrefOf] Where a row leads.
 * @property {ReadonlySet<string>} [chosen] Keys of the rows that are chosen, where they can be.
 * @property {(chosen: ReadonlySet<string>) => void} [onChoose]
 */

/**
 * @template T
 * @param {TableProps<T>} props
 */
export function Table({ label, rows, columns, keyOf, hrefOf, chosen, onChoose }) {
  const last = useRef("");
  const keys = rows.map(keyOf);
  const areAll = chosen !== undefined && keys.length > 0 && keys.every((key) => chosen.has(key));
  /** @param {readonly string[]} which @param {boolean} isIn */
  const choose = (which, isIn) => {
    const next = new Set(chosen);
    for (const key of which) {
      if (isIn) next.add(key);
      else next.delete(key);
    }
    onChoose?.(next);
  };
  /** @param {string} key @param {boolean} [isRange] */
  const toggle = (key, isRange) => {
    const ends = [keys.indexOf(last.current), keys.indexOf(key)];
    last.current = key;
    const which = isRange && !ends.includes(-1)
      ? keys.slice(Math.min(...ends), Math.max(...ends) + 1)
      : [key];
    choose(which, !chosen?.has(key));
  };
  /** @param {KeyboardEvent} event */
  const move = (event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest("tr");
    if (row === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const isField = event.target instanceof HTMLInputElement && event.target.type !== "checkbox";
    if (isField) return;
    const next = event.key === "j" || event.key === "ArrowDown"
      ? row.nextElementSibling
      : event.key === "k" || event.key === "ArrowUp"
      ? row.previousElementSibling
      : undefined;
    if (next !== undefined) {
      if (next instanceof HTMLElement) next.focus();
    } else if (event.key === "Enter" && event.target === row) row.querySelector("a")?.click();
    else if (event.key === "x" && chosen !== undefined) toggle(row.dataset.key ?? "");
    else return;
    event.preventDefault();
  };
  return html`
    <div class="table-frame">
      <table aria-label=${label}>
        <thead>
          <tr>
          ${chosen &&
            html`<th class="narrow"><input type="checkbox" aria-label="Choose all of this page" checked=${areAll}
        onChange=${() => choose(keys, !areAll)} /></th>`}
          ${columns.map(({ title, kind = "", isMinor }) =>
            html`<th key=${title} scope="col" class=${`${kind} ${
              isMinor ? "minor" : ""
            }`}>${title}</th>`
          )}
        </tr>
        </thead>
        <tbody onKeyDown=${move}>
          ${rows.map((row, i) => {
            const key = keys[i] ?? "";
            const link = hrefOf?.(row);
            return html`<tr key=${key} data-key=${key} tabindex=${i === 0 ? 0 : -1} class=${
              chosen?.has(key) ? "is-chosen" : ""
            }>
          ${
              chosen &&
              html`<td class="narrow"><input type="checkbox" aria-label=${`Choose ${key}`} checked=${
                chosen.has(key)
              }
            onClick=${(/** @type {MouseEvent} */ { shiftKey }) => toggle(key, shiftKey)} /></td>`
            }
          ${
              columns.map(({ title, cell, kind = "", isMinor }, at) =>
                html`<td key=${title} class=${`${kind} ${isMinor ? "minor" : ""}`}>
            ${link && at === 0 ? html`<a href=${link}>${cell(row)}</a>` : cell(row)}</td>`
              )
            }
        </tr>`;
          })}
        </tbody>
      </table>
    </div>
  `;
}

/** The way to more rows. @param {{ hasMore: boolean, isBusy: boolean, onMore: () => void, told?: string }} props */
export function More({ hasMore, isBusy, onMore, told }) {
  return html`<div class="more">
    ${told && html`<span class="faint">${told}</span>`}
    ${
    hasMore &&
    html`<button type="button" class="button" disabled=${isBusy} onClick=${onMore}>${
      isBusy ? "Reading…" : "Show more"
    }</button>`
  }
  </div>`;
}
