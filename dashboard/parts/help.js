// @ts-check
/**
 * The keys, shown on demand.
 */

import { isHelpOpen } from "../keys.js";
import { useShared } from "../state.js";
import { html } from "../vendor/preact.js";
import { Dialog } from "./dialog.js";

/** @param {{ pages: ReadonlyMap<string, string> }} props The titles of the pages, by their letters. */
export function Help({ pages }) {
  if (!useShared(isHelpOpen)) return null;
  const keys = [
    ["?", "These keys"],
    ["/", "Search this page"],
    ["j k", "Next row, row before"],
    ["Enter", "Open the row"],
    ["x", "Choose the row"],
    ["Esc", "Close, or leave a field"],
    ["← →", "In a graph: parent, child"],
    ["+ - 0", "In a graph: larger, smaller, all of it"],
    ...[...pages].map(([letter, title]) => [`g ${letter}`, title]),
  ];
  return html`
    <${Dialog} title="Keys" onClose=${() => isHelpOpen.set(false)}>
      <dl class="keys">${keys.map(([names = "", text]) =>
        html`
          <div key=${names}>
            <dt>${names.split(" ").map((name) => html`<kbd key=${name}>${name}</kbd>`)}</dt>
            <dd>${text}</dd>
          </div>
        `
      )}</dl>
      <//>
  `;
}
