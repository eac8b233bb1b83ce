/**
 * The formats in which metrics are told: that of Prometheus (0.0.4) and OpenMetrics (1.0).
 *
 * @module
 */

import type { Distribution } from "../../metrics/distribution.ts";
import { type Family, type FamilyHead, sampleName } from "./family.ts";

/** A format. */
export type Format = "prometheus" | "openmetrics";

/** The content type of each format. */
export const contentTypes: Readonly<Record<Format, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** The format that somebody wants, by the header `Accept`: that of Prometheus unless they like the other at least as well. */
export function formatOf(accept: string | null): Format {
  const liking = { prometheus: 0, openmetrics: 0 };
  for (const range of (accept ?? "").split(",")) {
    const [type = "", ...params] = range.split(";").map((part) => part.trim().toLowerCase());
    const q = params.find((param) => param.startsWith("q="))?.slice(2) ?? "1";
    const weight = Number(q) || 0;
    if (type === "application/openmetrics-text") {
      liking.openmetrics = Math.max(liking.openmetrics, weight);
    } else if (type === "text/plain") {
      liking.prometheus = Math.max(liking.prometheus, weight);
    }
  }
  const { openmetrics, prometheus } = liking;
  return openmetrics > 0 && openmetrics >= prometheus ? "openmetrics" : "prometheus";
}

/** Writes families in a format. */
export class Exposition {
  readonly #format: Format;
  readonly #lines: string[] = [];

  /** @param format Which one. */
  constructor(format: Format) {
    this.#format = format;
  }

  /**
   * Writes a family, unless it has no samples.
   *
   * @param sees Whether there is such a queue for whoever asks; undefined if they see all.
   */
  add<R>(family: Family<R>, from: R, sees?: (queue: string) => boolean): void {
    const place = family.labels.indexOf("queue");
    if (sees !== undefined && place < 0 && family.isGeneral !== true) return;
    let isFirst = true;
    for (const { labels, value } of family.read(from)) {
      if (sees !== undefined && place >= 0 && !sees(labels[place]!)) continue;
      if (isFirst) this.#head(family);
      isFirst = false;
      const told = labelTexts(family.labels, labels);
      if (typeof value === "number") this.#line(sampleName(family), told, value);
      else this.#spread(family.name, told, value);
    }
  }

  /** The whole text. */
  end(): string {
    const end = this.#format === "openmetrics" ? ["# EOF", ""] : [""];
    return [...this.#lines, ...end].join("\n");
  }

  #head(family: FamilyHead): void {
    const { type, unit, help } = family;
    const isOpen = this.#format === "openmetrics";
    const name = isOpen ? family.name : sampleName(family);
    this.#lines.push(`# HELP ${name} ${help}`);
    this.#lines.push(`# TYPE ${name} ${!isOpen && type === "info" ? "gauge" : type}`);
    if (isOpen && unit !== undefined) this.#lines.push(`# UNIT ${name} ${unit}`);
  }

  #spread(name: string, labels: readonly string[], { bounds, counts, sum }: Distribution): void {
    let count = 0;
    for (const [i, own] of counts.entries()) {
      count += own;
      const bound = i < bounds.length ? boundText(bounds[i]!) : "+Inf";
      this.#line(`${name}_bucket`, [...labels, `le="${bound}"`], count);
    }
    this.#line(`${name}_count`, labels, count);
    this.#line(`${name}_sum`, labels, sum);
  }

  #line(name: string, labels: readonly string[], value: number): void {
    const told = labels.length === 0 ? "" : `{${labels.join(",")}}`;
    this.#lines.push(`${name}${told} ${valueText(value)}`);
  }
}

function labelTexts(names: readonly string[], values: readonly string[]): string[] {
  return names.flatMap((name, i) => {
    const value = values[i] ?? "";
    return value === "" ? [] : [`${name}="${escaped(value)}"`];
  });
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function valueText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** A bound as OpenMetrics wants it. Both formats write it so, as it is a part of what a series is known by. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}
