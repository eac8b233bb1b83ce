/**
 * A graph as an indented tree, in which what comes again is marked; pure.
 *
 * @module
 */

import type { Body } from "./view.ts";

type Graph = Extract<Body, { kind: "graph" }>;

/** A row of the tree. */
export interface TreeRow {
  readonly id: string;
  /** Strokes before it. */
  readonly lead: string;
  /** Whether what is below it stands further up. */
  readonly isRepeat: boolean;
}

/** The rows, from the jobs that depend on none. */
export function treeRows({ nodes, edges }: Graph): TreeRow[] {
  const known = new Set(nodes.map(({ id }) => id));
  const below = Map.groupBy(
    edges.filter(({ source, target }) => known.has(source) && known.has(target)),
    ({ source }) => source,
  );
  const targets = new Set(edges.map(({ target }) => target));
  const tops = nodes.filter(({ id }) => !targets.has(id));
  const seen = new Set<string>();
  const rows: TreeRow[] = [];
  const walk = (id: string, lead: string, rest: string): void => {
    const children = below.get(id) ?? [];
    const isRepeat = seen.has(id) && children.length > 0;
    rows.push({ id, lead, isRepeat });
    if (seen.has(id)) return;
    seen.add(id);
    for (const [i, { target }] of children.entries()) {
      const isLast = i === children.length - 1;
      walk(target, `${rest}${isLast ? "└─ " : "├─ "}`, `${rest}${isLast ? "   " : "│  "}`);
    }
  };
  for (const { id } of tops.length > 0 ? tops : nodes.slice(0, 1)) walk(id, "", "");
  return rows;
}
