/** The types of jobs of a crawl. */

import { defineJobs, job } from "../../../mod.ts";

/** A page, as it was found. */
export interface Page {
  readonly url: string;
  readonly words: readonly string[];
}

/** All types. */
export const jobs = defineJobs({
  "page.crawl": job<{ url: string }, { links: number }>(),
  "page.index": job<Page>(),
  "sitemap.write": job<{ crawl: string }, { pages: number }>(),
});
