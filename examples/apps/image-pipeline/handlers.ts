/**
 * The handlers, which run in threads: they compute, and would hold up all else on the main thread.
 * Parents tell children where their files are by their results.
 */

import { readFile, rename, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { defineHandlers, SkipRetry } from "../../../mod.ts";
import type { jobs, Written } from "./jobs.ts";
import { decodePng, encodePng } from "./png.ts";
import { mark, type Raster, sheet, shrink } from "./raster.ts";

export default defineHandlers<typeof jobs>({
  "image.resize": async ({ job }) => {
    const { from, to, width } = job.payload;
    return await write(to, shrink(await read(from), width));
  },

  "image.mark": async ({ job }) => {
    const [small] = await job.parents("image.resize");
    return await write(job.payload.to, mark(await read(small!.result!.path)));
  },

  "image.sheet": async ({ job, progress }) => {
    // Its edges say `ignore`: images that failed are not among its parents.
    const images: Raster[] = [];
    const parents = await job.parents("image.mark");
    for (const { result } of parents) {
      images.push(await read(result!.path));
      await progress(images.length / parents.length, basename(result!.path));
    }
    return await write(job.payload.to, sheet(images, job.payload.columns));
  },

  "page.write": async ({ job }) => {
    // Its edges say `continue`: it sees also the images that failed.
    const marked = await job.parents("image.mark");
    const done = marked.flatMap(({ result }) => result ?? []);
    const missing = marked.length - done.length;
    const page = [
      "<!DOCTYPE html>",
      `<html lang="en"><meta charset="utf-8"><title>${escaped(job.payload.title)}</title>`,
      `<h1>${escaped(job.payload.title)}</h1>`,
      ...done.map(({ path, width, height }) =>
        `<img src="marked/${
          encodeURIComponent(basename(path))
        }" width="${width}" height="${height}">`
      ),
      `<p>${done.length} images, ${missing} missing. <a href="sheet.png">All on one sheet</a></p>`,
      "</html>",
      "",
    ].join("\n");
    await replaceFile(job.payload.to, page);
    return { path: job.payload.to, missing };
  },
});

/** Reads an image. One that is damaged stays so: no retry helps. */
async function read(path: string): Promise<Raster> {
  const file = await readFile(path);
  try {
    return decodePng(file);
  } catch (error) {
    throw new SkipRetry(`${basename(path)}: ${(error as Error).message}`, { cause: error });
  }
}

async function write(path: string, image: Raster): Promise<Written> {
  await replaceFile(path, encodePng(image));
  return { path, width: image.width, height: image.height };
}

/** Whoever reads the file gets the old one or the new one, also if this runs twice at once. */
async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const part = `${path}.${crypto.randomUUID()}.part`;
  await writeFile(part, content);
  await rename(part, path);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
