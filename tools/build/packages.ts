/** The packages whose code the pages of the dashboard use, and what is taken of each. */

/** A package that is bundled for browsers. */
export interface VendorPackage {
  /** The file in `dashboard/vendor`, without `.js`. */
  readonly name: string;
  /** Packages whose licences go along. */
  readonly packages: readonly string[];
  /** The module that is bundled. */
  readonly entry: string;
  /** What it gives, for those who write the pages. */
  readonly types: string;
  /** A style sheet that goes along, as a file of a package. */
  readonly css?: string;
}

/** Everything that is bundled. */
export const vendorPackages: readonly VendorPackage[] = [
  {
    name: "uplot",
    packages: ["uplot"],
    entry: `export { default } from "uplot";`,
    types: `export { default } from "uplot";`,
    css: "uplot/dist/uPlot.min.css",
  },
  {
    name: "preact",
    packages: ["preact", "htm"],
    entry: `
import htm from "htm";
import { h } from "preact";
export { Component, h, render } from "preact";
export {
  useCallback, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState,
} from "preact/hooks";
export const html = htm.bind(h);
`,
    types: `
export { Component, h, render } from "preact";
export {
  useCallback, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState,
} from "preact/hooks";
export declare function html(strings: TemplateStringsArray, ...values: unknown[]): any;
`,
  },
];
