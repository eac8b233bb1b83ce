/** The handler that reads a page, and enqueues its links as children of its own job. */

import {
  type Client,
  currentContext,
  type EnqueueOptions,
  type JobContext,
  SkipRetry,
} from "../../../mod.ts";
import type { jobs } from "./jobs.ts";

type Crawl = JobContext<{ url: string }, { links: number }, typeof jobs>;

/** Makes the handler. */
export function crawler(client: Client<typeof jobs>) {
  return async ({ job, signal, enqueueChild }: Crawl): Promise<{ links: number }> => {
    const crawl = String(job.meta.crawl);
    const html = await get(job.payload.url, signal);
    const links = linksOf(html, job.payload.url);
    for (const { url, until } of links) {
      // Children run once this job has completed. The id makes each page be read once in a crawl, also
      // when many pages link to it, and when this handler runs twice.
      await enqueueChild("page.crawl", { url }, {
        ...crawlOptions(crawl, url),
        ...until === undefined ? {} : { expireAt: until },
      });
    }
    const words = [...new Set(textOf(html).match(/\p{L}+/gu) ?? [])].sort();
    await enqueueChild("page.index", { url: job.payload.url, words }, {
      id: `index.${job.id}`,
      onConflict: "existing",
    });
    await touchSitemap(client, crawl);
    return { links: links.length };
  };
}

/** What is said about the job of a page, whoever enqueues it. */
export function crawlOptions(crawl: string, url: string) {
  const { host, pathname } = new URL(url);
  return {
    id: `${crawl}${pathname.replaceAll(/[^\w-]/g, ".")}`,
    onConflict: "existing",
    priority: pathname.startsWith("/news/") ? 10 : 0, // what is new comes first
    limitKey: host,
  } satisfies EnqueueOptions;
}

/** The sitemap is written once, 300 ms after the last page that asked for it. */
export function touchSitemap(client: Client<typeof jobs>, crawl: string) {
  return client.enqueue("sitemap.write", { crawl }, {
    unique: { key: crawl },
    onConflict: "debounce",
    delayMs: 300,
  });
}

/** Reads a page. It is told nothing of the job, and yet sends on the trace that the job belongs to. */
async function get(url: string, signal: AbortSignal): Promise<string> {
  const trace = currentContext()?.trace;
  const headers: Record<string, string> = trace ? { traceparent: trace.traceparent } : {};
  const response = await fetch(url, { headers, signal });
  if (response.ok) return await response.text();
  await response.body?.cancel();
  if (response.status < 500) throw new SkipRetry(`${new URL(url).pathname} is ${response.status}`);
  throw new Error(`the site answered ${response.status}`);
}

function linksOf(html: string, base: string): { url: string; until?: Date }[] {
  return Array.from(
    html.matchAll(/<a href="([^"]*)"(?: data-until="([^"]*)")?/g),
    ([, to, until]) => ({
      url: new URL(to!, base).href,
      ...until ? { until: new Date(until) } : {},
    }),
  );
}

function textOf(html: string): string {
  return html.replace(/<title>.*?<\/title>|<a .*?<\/a>|<[^>]*>/gs, " ");
}
