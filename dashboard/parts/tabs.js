// @ts-check
/**
 * A choice of one out of a few, all of them in sight.
 */

import { html } from "../vendor/preact.js";

/**
 * @param {object} props
 * @param {string} props.label What is chosen, for those who cannot see it.
 * @param {Readonly<Record<string, string>>} props.of Titles by their names.
 * @param {string} props.chosen
 * @param {(name: string) => void} props.onChoose
 * @param {string} [props.class]
 */
export function Tabs({ label, of, chosen, onChoose, class: kind = "" }) {
  return html`<div class=${`tabs ${kind}`} role="group" aria-label=${label}>${
    Object.entries(of).map(([name, title]) =>
      html`
        <button type="button" key=${name} aria-pressed=${name === chosen}
          onClick=${() => onChoose(name)}>${title}</button>
      `
    )
  }</div>`;
}
