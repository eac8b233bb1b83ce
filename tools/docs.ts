/**
 * Checks the Markdown pages: that their links lead somewhere, that the files, tasks and commands that they name
 * are there, and that their configurations and JSON are right. Their TypeScript is run by `deno test --doc`.
 *
 * `deno task docs [page ...]`
 */

import { dirname, join } from "node:path";
import { type Page, readPage } from "./docs/blocks.ts";
import { linkProblems } from "./docs/links.ts";
import { snippetProblems } from "./docs/snippets.ts";
import { trackedFiles } from "./ok/files.ts";

const ROOT = join(import.meta.dirname ?? ".", "..");

/** What is wrong with the pages among the files, one line each. */
export async function docsProblems(root: string, files: readonly string[]): Promise<string[]> {
  const paths = files.filter((path) => path.endsWith(".md"));
  const pages = await Promise.all(
    paths.map(async (path) => readPage(path, await Deno.readTextFile(join(root, path)))),
  );
  const snippets = await Promise.all(
    pages.map(async (page) => await snippetProblems(page, await tasksFor(root, page))),
  );
  return [...linkProblems(pages, files), ...snippets.flat()];
}

/** The tasks that a page may name: of the nearest folder that has some, and of the root. */
async function tasksFor(root: string, { path }: Page): Promise<string[]> {
  const tasks: string[] = [];
  for (let folder = dirname(path);; folder = dirname(folder)) {
    const text = await Deno.readTextFile(join(root, folder, "deno.json")).catch(() => "{}");
    tasks.push(...Object.keys(JSON.parse(text).tasks ?? {}));
    if (folder === ".") return tasks;
  }
}

if (import.meta.main) {
  const problems = await docsProblems(ROOT, await trackedFiles(ROOT));
  const wanted = Deno.args;
  const shown = problems.filter((problem) =>
    wanted.length === 0 || wanted.some((path) => problem.startsWith(path))
  );
  for (const problem of shown) console.error(problem);
  if (shown.length > 0) Deno.exit(1);
}
