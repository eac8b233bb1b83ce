// @ts-check
/**
 * A chart over time, in the colours of the page, which it follows in size and theme.
 */

import * as format from "../format.js";
import { html, useEffect, useRef } from "../vendor/preact.js";
import uPlot from "../vendor/uplot.js";

const HEIGHT = 190;

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} color The name of a variable of the style sheet, such as `--good`.
 * @property {readonly (number | null)[]} values
 * @property {boolean} [isFilled]
 */

/**
 * @param {{ times: readonly number[], lines: readonly Line[], label: string, write: (value: number) => string }} props
 * `times`: epoch milliseconds.
 */
export function Chart({ times, lines, label, write }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const plot = useRef(/** @type {any} */ (null));
  const latest = useRef({ times, lines });
  latest.current = { times, lines };
  const shape = lines.map(({ label, color }) => `${label} ${color}`).join();

  useEffect(() => {
    const element = /** @type {HTMLDivElement} */ (place.current);
    const make = () => {
      plot.current?.destroy();
      plot.current = new uPlot(
        /** @type {any} */ (options(element, lines, write)),
        dataOf(latest.current),
        element,
      );
    };
    make();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT })
    );
    resized.observe(element);
    const themed = new MutationObserver(make);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", make);
    return () => {
      resized.disconnect();
      themed.disconnect();
      system.removeEventListener("change", make);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(dataOf(latest.current));
  }, [times, lines]);

  const last = lines.map(({ label, values }) => {
    const value = values.findLast((one) => one !== null);
    return `${label} ${value === undefined || value === null ? "none" : write(value)}`;
  });
  return html`<div class="chart" role="img" aria-label=${`${label}. Latest: ${
    last.join(", ")
  }`} ref=${place} />`;
}

/** @param {{ times: readonly number[], lines: readonly Line[] }} shown @returns {any} */
function dataOf({ times, lines }) {
  return [times.map((ms) => ms / 1000), ...lines.map(({ values }) => values)];
}

/** Distances of the lines across: of counts, and of milliseconds that are whole seconds, minutes or hours. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000],
  ...[300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000, 604_800_000],
];

/**
 * @param {HTMLElement} element
 * @param {readonly Line[]} lines
 * @param {(value: number) => string} write
 */
function options(element, lines, write) {
  const style = getComputedStyle(document.documentElement);
  /** As a canvas takes it: a variable may hold a light and a dark one. @param {string} name */
  const color = (name) => {
    element.style.color = `var(${name})`;
    const value = getComputedStyle(element).color;
    element.style.color = "";
    return value;
  };
  const axis = {
    stroke: color("--text-faint"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { stroke: color("--line"), width: 1, size: 4 },
    font: `11px ${style.fontFamily}`,
  };
  /** What the legend says: of the place that is pointed at, or else the latest. @param {(value: number) => string} write */
  const value = (write) =>
  (
    /** @type {any} */ plot,
    /** @type {number | null} */ _,
    /** @type {number} */ series,
    /** @type {number | null} */ at,
  ) => {
    const found = plot.data[series][at ?? plot.data[0].length - 1];
    return found === null || found === undefined ? "–" : write(found);
  };
  return {
    width: element.clientWidth || 300,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: {
      y: {
        range: (
          /** @type {any} */ _,
          /** @type {number} */ __,
          /** @type {number} */ most,
        ) => [0, Math.max(most * 1.1, 4)],
      },
    },
    axes: [
      {
        ...axis,
        space: 64,
        size: 30,
        values: (
          /** @type {any} */ _,
          /** @type {number[]} */ ticks,
          /** @type {number} */ __,
          /** @type {number} */ ___,
          /** @type {number} */ step,
        ) => ticks.map((s) => step < 86_400 ? format.clock(s * 1000) : format.day(s * 1000)),
      },
      {
        ...axis,
        size: 56,
        incrs: STEPS,
        values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map(write),
      },
    ],
    series: [
      { label: "at", value: value((s) => `${format.day(s * 1000)}, ${format.clock(s * 1000)}`) },
      ...lines.map(({ label, color: name, isFilled }) => ({
        label,
        stroke: color(name),
        width: 1.5,
        // A value with none beside it makes no line.
        points: { show: false, filter: alone, size: 5, fill: color(name) },
        ...isFilled ? { fill: `color-mix(in srgb, ${color(name)} 13%, transparent)` } : {},
        value: value(write),
      })),
    ],
  };
}

/** Where values stand alone. @param {any} plot @param {number} series */
function alone({ data }, series) {
  /** @type {(number | null)[]} */
  const values = data[series];
  /** @param {number} at */
  const isThere = (at) => (values[at] ?? null) !== null;
  return [...values.keys()].filter((at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1));
}
