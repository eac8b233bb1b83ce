// @ts-check
/**
 * A bar that shows shares of a whole.
 */

import { html } from "../vendor/preact.js";

/** @param {{ parts: readonly { share: number, tone: string }[], label: string }} props `share`: 0 to 1; all together at most 1. */
export function Bar({ parts, label }) {
  return html`<span class="share-bar" role="img" aria-label=${label} title=${label}>${
    parts.filter(({ share }) => share > 0).map(({ share, tone }) =>
      html`<span key=${tone} class=${`share ${tone}`} style=${{
        width: `${Math.min(share, 1) * 100}%`,
      }} />`
    )
  }</span>`;
}
