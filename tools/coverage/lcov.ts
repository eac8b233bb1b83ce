/** Reads coverage in the format of lcov, and makes a report of it. */

/** How much of a file was reached. */
export interface FileCoverage {
  /** From the root. */
  readonly path: string;
  /** Lines with code. */
  readonly lines: number;
  /** How many of them nothing reached. */
  readonly missed: number;
  /** Where those are, such as "3-5, 9". Lines without code between two of them count as of the range. */
  readonly ranges: string;
}

/** Files and their lines, in the order of the report. */
export function readLcov(text: string, root: string): FileCoverage[] {
  return text.split("end_of_record").filter((record) => record.includes("SF:")).map((record) => {
    const lines = [...record.matchAll(/^DA:(\d+),(\d+)/gm)].map(([, line, count]) =>
      [Number(line), Number(count)] as const
    );
    const path = /^SF:(.*)$/m.exec(record)![1]!.replaceAll("\\", "/");
    return {
      path: path.replace(`${root.replaceAll("\\", "/")}/`, ""),
      lines: lines.length,
      missed: lines.filter(([, count]) => count === 0).length,
      ranges: rangesOf(lines.sort(([a], [b]) => a - b)),
    };
  });
}

function rangesOf(lines: readonly (readonly [line: number, count: number])[]): string {
  const found: [number, number][] = [];
  let isOpen = false;
  for (const [line, count] of lines) {
    if (count > 0) isOpen = false;
    else if (isOpen) found.at(-1)![1] = line;
    else {
      found.push([line, line]);
      isOpen = true;
    }
  }
  return found.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(", ");
}

/** What is printed and what is written down. */
export interface Report {
  /** Sums, by folder and altogether. */
  readonly summary: string;
  /** These, and all files with the ranges that nothing reached, those with most of them first. */
  readonly text: string;
}

/**
 * Makes the report.
 *
 * @param files What was loaded.
 * @param all All files of the sources; those that were not loaded are named, as nobody knows their lines.
 */
export function makeReport(files: readonly FileCoverage[], all: readonly string[]): Report {
  const loaded = new Set(files.map(({ path }) => path));
  const silent = all.filter((path) => !loaded.has(path));
  const folders = Map.groupBy(files, ({ path }) => path.split("/").slice(0, -1).join("/"));
  const summary = [
    ...[...folders].sort(([a], [b]) => a < b ? -1 : 1).map(([folder, some]) => row(folder, some)),
    row(`all ${files.length} files`, files),
  ];
  if (silent.length > 0) summary.push(`${silent.length} files were not loaded`);
  const rows = files.filter(({ missed }) => missed > 0)
    .sort((a, b) => b.missed - a.missed)
    .map((file) => `${row(file.path, [file])}  ${file.ranges}`);
  const complete = files.length - rows.length;
  const text = [
    ...summary,
    "",
    "Lines that no test reaches:",
    ...rows,
    `${complete} files more are reached whole`,
    ...silent.length > 0 ? ["", "Not loaded (types alone, or not reached at all):", ...silent] : [],
    "",
  ];
  return { summary: summary.join("\n"), text: text.join("\n") };
}

function row(name: string, files: readonly FileCoverage[]): string {
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const reached = lines - files.reduce((sum, { missed }) => sum + missed, 0);
  const share = lines === 0 ? "100.0" : (Math.floor((reached / lines) * 1000) / 10).toFixed(1);
  return `${name.padEnd(44)} ${`${reached}/${lines}`.padStart(13)} ${share.padStart(5)} %`;
}
