/** A Markdown table whose columns are aligned; the first ones to the left, the others to the right. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  leftColumns: number = 1,
): string {
  const widths = head.map((title, i) =>
    Math.max(3, title.length, ...rows.map((row) => row[i]!.length))
  );
  const line = (row: readonly string[]): string => {
    const cells = row.map((cell, i) =>
      i < leftColumns ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
    );
    return `| ${cells.join(" | ")} |`;
  };
  const rule = widths.map((width, i) =>
    i < leftColumns ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
