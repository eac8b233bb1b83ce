/** Judges the names and lengths of source files. */

import type { Graph, SourceFile } from "./graph.ts";
import type { Limits } from "./table.ts";

/** Files that are too long or whose name says nothing. */
export function checkSizes(graph: Graph, limits: Limits): string[] {
  return written(graph).flatMap(({ path, lines }) => {
    const name = path.replace(/^.*\//, "").replace(/\.\w+$/, "");
    return [
      ...(lines > limits.lines
        ? [`${path} has ${lines} lines: rule "at most ${limits.lines}", do split it by idea`]
        : []),
      ...(limits.bannedNames.includes(name)
        ? [`${path} is named ${name}: rule "a name says the role", do name it for its one export`]
        : []),
    ];
  });
}

/** One line with the median and the 90th centile of the lengths. */
export function sizeSummary(graph: Graph): string {
  const sizes = written(graph).map((file) => file.lines).sort((a, b) => a - b);
  const centile = (share: number): number =>
    sizes[Math.max(0, Math.ceil(sizes.length * share) - 1)] ?? 0;
  return `${sizes.length} source files, lines: median ${centile(0.5)}, ` +
    `90th centile ${centile(0.9)}, longest ${sizes.at(-1) ?? 0}`;
}

function written(graph: Graph): SourceFile[] {
  return graph.files.filter(({ path }) => !path.includes(".gen."));
}
