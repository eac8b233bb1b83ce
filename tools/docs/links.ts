/** Checks where links of Markdown pages lead, and the paths that they name. */

import { dirname, join } from "node:path/posix";
import { codeIn, type Page, withoutCode } from "./blocks.ts";

/** Folders whose files are named in text. */
const FOLDERS = /^(?:bench|dashboard|docs|examples|lua|src|tests|tools)\//;
/** What is built, and so not among the files. */
const BUILT =
  /^(?:src\/cli\/licenses\.gen\.ts|src\/monitor\/dashboard\/(?:assets|sources)\.gen\.ts|dashboard\/vendor\b)/;

/** Links and paths that lead nowhere, one line each. */
export function linkProblems(pages: readonly Page[], files: readonly string[]): string[] {
  const known = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
  const anchors = new Map(pages.map((page) => [page.path, anchorsOf(page)]));
  return pages.flatMap((page) =>
    page.lines.flatMap((line, i) => {
      const where = `${page.path}:${i + 1}`;
      return [
        ...linksIn(line).flatMap((link) => linkProblem(page.path, link, known, anchors)),
        ...codeIn(line).filter((code) => isLost(code, page.path, known))
          .map((code) => `names \`${code}\`, which is not there`),
      ].map((problem) => `${where} ${problem}`);
    })
  );
}

function foldersOf(file: string): string[] {
  const parts = file.split("/");
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"));
}

/** The targets of links and images in a line, but for those of other sites. */
function linksIn(line: string): string[] {
  const text = withoutCode(line);
  const found = [
    ...text.matchAll(/\]\(<?([^()\s>]+)>?(?: "[^"]*")?\)/g),
    ...text.matchAll(/^ *\[[^\]]+\]: +<?(\S+?)>?$/g),
    ...text.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g),
  ];
  return found.map(([, target]) => target!).filter((target) => !/^(?:[a-z]+:|\/\/)/.test(target));
}

function linkProblem(
  from: string,
  link: string,
  known: ReadonlySet<string>,
  anchors: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const [target = "", anchor] = link.split("#");
  const path = target === "" ? from : join(dirname(from), decodeURI(target)).replace(/\/$/, "");
  if (path !== "." && !known.has(path)) return [`links to ${link}, which is not there`];
  if (anchor === undefined || anchors.get(path)?.has(anchor)) return [];
  return [`links to ${link}, where no heading is called so`];
}

/** The names by which the headings of a page can be linked to, as GitHub makes them. */
export function anchorsOf({ lines }: Page): ReadonlySet<string> {
  const counts = new Map<string, number>();
  const anchors = new Set<string>();
  for (const line of lines) {
    for (const [, name] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(name!);
    const [, heading] = /^#{1,6} +(.*?)(?: +#+)?$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const text = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = text.toLowerCase().replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "").replaceAll(" ", "-");
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

/** Whether code is the path of a file or folder of the repository that is not there. */
function isLost(code: string, from: string, known: ReadonlySet<string>): boolean {
  const path = /^((?:\.\.?\/)*[\w.@-]+(?:\/[\w.@-]+)*)\/?(?::.*)?$/.exec(code)?.[1];
  if (path === undefined || !FOLDERS.test(path.replace(/^(?:\.\.?\/)+/, ""))) return false;
  const candidates = [path, join(dirname(from), path)];
  return !candidates.some((candidate) => known.has(candidate) || BUILT.test(candidate));
}
