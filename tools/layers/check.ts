/** Judges a graph of imports by the tables of `tools/layers.ts`; each violation is one line. */

import type { Edge, Graph } from "./graph.ts";
import type { Door, Zone } from "./table.ts";

/** Imports that cross zones in a way that no rule allows, and files outside all zones. */
export function checkEdges(graph: Graph, zones: readonly Zone[]): string[] {
  const zoneOf = zoneFinder(zones);
  const unknown = graph.files.filter(({ path }) => !zoneOf(path)).map(({ path }) =>
    `${path} is in no zone: rule "every folder has a rule", do add one to tools/layers.ts`
  );
  const crossing = graph.edges.flatMap((edge) => {
    const from = zoneOf(edge.from);
    if (!from || edge.external) return [];
    const to = zoneOf(edge.to);
    const allowed = to && (to.name === from.name || from.may.includes(to.name));
    return allowed ? [] : [describe(edge, from.rule, from.instead)];
  });
  return [...unknown, ...crossing];
}

/** Packages that a library door reaches, through whatever file, and may not. */
export function checkReach(graph: Graph, doors: readonly Door[]): string[] {
  const edgesOf = Map.groupBy(graph.edges, (edge) => edge.from);
  const violations = new Set<string>();
  for (const door of doors) {
    for (const path of reachable(door.file, edgesOf)) {
      for (const edge of edgesOf.get(path) ?? []) {
        const problem = edge.external ? packageProblem(edge, door) : undefined;
        if (problem) violations.add(describe(edge, ...problem));
      }
    }
  }
  return [...violations];
}

/** The rule that a package import breaks and what to do, if it breaks one. */
function packageProblem({ to, eager }: Edge, door: Door): [string, string] | undefined {
  if (to.startsWith("node:")) return undefined;
  const name = /^(?:npm:)?((?:@[^/@]+\/)?[^/@]+)/.exec(to)?.[1] ?? to;
  if (door.packages?.includes(name)) return undefined;
  if (!door.lazyPackages.includes(name)) {
    const allowed = [...door.packages ?? [], ...door.lazyPackages].join(", ");
    return [
      `${door.file} and all it reaches import no package but ${allowed}`,
      "use what every runtime has, or move the code behind ./cli or an entry point of its own",
    ];
  }
  return eager
    ? [`${door.file} and all it reaches load ${name} lazily`, `use await import("${name}")`]
    : undefined;
}

function reachable(start: string, edgesOf: ReadonlyMap<string, readonly Edge[]>): Set<string> {
  const seen = new Set([start]);
  for (const path of seen) {
    for (const edge of edgesOf.get(path) ?? []) if (!edge.external) seen.add(edge.to);
  }
  return seen;
}

function zoneFinder(zones: readonly Zone[]): (path: string) => Zone | undefined {
  const patterns = zones.map((zone) => ({ zone, matches: zone.files.map(globToRegExp) }));
  return (path) => patterns.find(({ matches }) => matches.some((match) => match.test(path)))?.zone;
}

function globToRegExp(glob: string): RegExp {
  const source = glob.split(/(\*\*|\*)/).map((part) =>
    part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replace(/[.+^${}()|[\]\\?]/g, "\\$&")
  );
  return new RegExp(`^${source.join("")}$`);
}

function describe(edge: Edge, rule: string, instead: string): string {
  return `${edge.from}:${edge.line} imports ${edge.to}: rule "${rule}", do ${instead}`;
}
