/**
 * Reads who imports whom, from Deno's own module graph: static, dynamic and type-only imports,
 * and worker modules named by `new URL("./x.ts", import.meta.url)`.
 */

import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";

/** One import. */
export interface Edge {
  /** Importing file, from the root. */
  readonly from: string;
  /** Line of the import, from 1. */
  readonly line: number;
  /** Imported file from the root, or the specifier as written if it is no file of ours. */
  readonly to: string;
  readonly external: boolean;
  /** Whether the import is run when the importing file is; else it is dynamic, or types only. */
  readonly eager: boolean;
}

/** A source file. */
export interface SourceFile {
  readonly path: string;
  readonly lines: number;
}

/** All source files and all their imports. */
export interface Graph {
  readonly files: readonly SourceFile[];
  readonly edges: readonly Edge[];
}

interface Resolution {
  readonly specifier?: string;
  readonly span: { readonly start: { readonly line: number } };
}

interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly isDynamic?: boolean;
      readonly code?: Resolution;
      readonly type?: Resolution;
    }[];
  }[];
}

const WORKER_MODULE =
  /new URL\(\s*["'](\.[^"']+\.[cm]?[jt]s)["']\s*,\s*import\.meta\.url\s*,?\s*\)/g;

/** Reads mod.ts, cli.ts and all of src under an absolute root folder that has a deno.json. */
export async function readGraph(root: string): Promise<Graph> {
  const base = pathToFileURL(root + sep).href;
  const byUrl = new Map<string, string>();
  for await (const path of sourcePaths(root)) byUrl.set(pathToFileURL(join(root, path)).href, path);
  const toPath = (url: string): string | undefined =>
    url.startsWith(base) ? decodeURIComponent(url.slice(base.length)) : undefined;

  const edges: Edge[] = [];
  for (const module of (await moduleInfo(root, [...byUrl.keys()])).modules) {
    const from = byUrl.get(module.specifier);
    if (from === undefined) continue;
    for (const dependency of module.dependencies ?? []) {
      const resolution = dependency.code ?? dependency.type;
      const target = toPath(resolution?.specifier ?? "");
      edges.push({
        from,
        line: (resolution?.span.start.line ?? 0) + 1,
        to: target ?? dependency.specifier,
        external: target === undefined,
        eager: dependency.code !== undefined && !dependency.isDynamic,
      });
    }
  }

  const files: SourceFile[] = [];
  for (const [url, path] of byUrl) {
    const text = await Deno.readTextFile(new URL(url));
    files.push({ path, lines: text.trimEnd().split("\n").length });
    for (const match of text.matchAll(WORKER_MODULE)) {
      const to = toPath(new URL(match[1] ?? "", url).href);
      const line = text.slice(0, match.index).split("\n").length;
      if (to !== undefined) edges.push({ from: path, line, to, external: false, eager: false });
    }
  }
  return { files, edges };
}

/** Asks Deno for the graph of all files at once, without any network. */
async function moduleInfo(root: string, urls: readonly string[]): Promise<Info> {
  const directory = await Deno.makeTempDir({ prefix: "gqm_layers_" });
  try {
    const entry = join(directory, "all.ts");
    await Deno.writeTextFile(entry, urls.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["info", "--json", "--no-lock", "--no-remote", "--no-npm"],
        ...["--config", join(root, "deno.json"), entry],
      ],
      cwd: root,
    }).output();
    if (code !== 0) {
      throw new Error(`Cannot read the module graph: ${new TextDecoder().decode(stderr).trim()}`);
    }
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** The doors that exist and every module under src, as paths from the root. */
async function* sourcePaths(root: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(root)) {
    if (entry.name === "mod.ts" || entry.name === "cli.ts") yield entry.name;
  }
  const folders = [join(root, "src")];
  for (const folder of folders) {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory) folders.push(path);
      else if (/\.[cm]?[jt]sx?$/.test(entry.name)) yield relative(root, path).replaceAll(sep, "/");
    }
  }
}
