/**
 * What the server does: it asks sites whether they are there, and writes a page about them. The module
 * is what `gqm run` takes: its default export adds the handlers.
 */

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Server } from "../../../mod.ts";

/** What is known of a site. */
interface Result {
  readonly url: string;
  readonly at: number;
  /** The HTTP status, or what kept it from being told. */
  readonly says: string;
}

/** Adds the handlers to a server. @param folder Where the results are. */
export default async function addHandlers(
  server: Server,
  folder: string = process.env.OUTPUT ?? "out/config-driven",
): Promise<void> {
  const results = join(folder, "results");
  await mkdir(results, { recursive: true });

  server.handle("site.check", async ({ job, signal }) => {
    const url = new URL((job.payload as { url: string }).url);
    const says = await fetch(url, { signal, redirect: "manual" }).then(
      async (response) => {
        await response.body?.cancel();
        return `${response.status}`;
      },
      (error) => {
        signal.throwIfAborted(); // our time limit or shutdown, and nothing about the site
        return `no answer: ${error.cause?.code ?? error.message}`;
      },
    );
    const result: Result = { url: url.href, at: Date.now(), says };
    await replaceFile(
      join(results, `${encodeURIComponent(url.host)}.json`),
      JSON.stringify(result),
    );
    return says;
  });

  server.handle("page.write", async () => {
    const rows = (await readResults(results)).map(({ url, at, says }) =>
      `<tr><td>${escaped(url)}<td>${escaped(says)}<td>${new Date(at).toISOString()}`
    );
    const page = [
      "<!DOCTYPE html>",
      '<html lang="en"><meta charset="utf-8"><title>Sites</title>',
      ...["<h1>Sites</h1><table>", ...rows, "</table></html>", ""],
    ].join("\n");
    await replaceFile(join(folder, "sites.html"), page);
  });

  server.handle("results.forget", async ({ job }) => {
    const { olderThanDays } = job.payload as { olderThanDays: number };
    const limit = Date.now() - olderThanDays * 86_400_000;
    const old = (await readResults(results)).filter(({ at }) => at < limit);
    for (const { file } of old) await rm(join(results, file), { force: true });
    return old.length;
  });
}

async function readResults(folder: string): Promise<(Result & { readonly file: string })[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  return await Promise.all(files.map(async (file) => ({
    ...JSON.parse(await readFile(join(folder, file), "utf8")) as Result,
    file,
  })));
}

/** A job may run twice: whoever reads gets a whole file. */
async function replaceFile(path: string, content: string): Promise<void> {
  const part = `${path}.${crypto.randomUUID()}.part`;
  await writeFile(part, content);
  await rename(part, path);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
