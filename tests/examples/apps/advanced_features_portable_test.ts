/** The crawler: its index, its sitemap, and what the site saw of it. */

import { deepEqual, equal } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runApp, TempFolder } from "./support.ts";

const crawled = ["/", "/archive/1", "/archive/2", "/archive/3", "/news/1", "/news/2"];

test("advanced-features crawls each page once, and writes index and sitemap", async () => {
  await using folder = await TempFolder.make();
  const { stdout } = await runApp("advanced-features", { args: [folder.path] });
  const [index, sitemap] = [join(folder.path, "index.jsonl"), join(folder.path, "sitemap.xml")];
  equal(
    stdout,
    `the second start is the same crawl
canceled: /endless: has no end
canceled: /sale: expired
dead_letter: /nowhere: /nowhere is 404
6 pages in ${sitemap}
fewer writes to ${index}
first: /news/1, /news/2
at most 2 requests at once; 8 of 8 in the trace
timed: page.crawl, page.index, sitemap.write
`,
  );

  const lines = (await readFile(index, "utf8")).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  const words = new Map(lines.map(({ url, words }) => [new URL(url).pathname, words]));
  deepEqual([...words.keys()].sort(), crawled);
  equal(lines.length, crawled.length);
  deepEqual(words.get("/news/1"), ["are", "bloom", "in", "roses"]);
  const urls = (await readFile(sitemap, "utf8")).matchAll(/<loc>(.*?)<\/loc>/g);
  deepEqual(Array.from(urls, ([, url]) => new URL(url!).pathname), crawled);
});
