/**
 * Takes the pictures of the dashboard in `docs/images`: runs the demo on some files of this repository, and looks at it
 * with Chromium.
 *
 * `deno task images`
 */

import { type Browser, chromium } from "playwright-core";
import { isSettled, rename } from "./images/in_page.js";
import { stdArgs } from "./std.ts";
import { findBrowser } from "./test/browser.ts";

const root = new URL("../", import.meta.url);
const images = new URL("docs/images/", root);
/** What the demo reads. */
const FOLDERS = ["docs", "examples", "src/job", "src/claim", "src/settle", "src/monitor"];
/** So long a file takes at least, so that the first picture shows work of more than a minute. */
const PACE_MS = 2500;
/** When this share of the files has been read, there is something of everything. */
const SHARE = 0.7;
const SIZE = { width: 1400, height: 860 };
/** Most time of a step in the page, and of the demo as a whole. */
const LIMIT_MS = 60_000;
const DEMO_LIMIT_MS = 300_000;
/** Larger ones are too much for a page of text. */
const MAX_BYTES = 150_000;

/** A picture: what the URL says after the `#`, and how it looks. */
interface Picture {
  readonly name: string;
  readonly at: string;
  readonly theme: "light" | "dark";
  /** The button that is pressed before. */
  readonly press?: string;
}

/** The demo, while it goes on. */
class Demo implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #said = "";

  constructor(args: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", ...args],
      cwd: root,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
      signal: AbortSignal.timeout(DEMO_LIMIT_MS),
    }).spawn();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Waits until it has said something. */
  async said(what: RegExp): Promise<string> {
    while (true) {
      const found = what.exec(this.#said);
      if (found !== null) return found[1] ?? found[0];
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`Cannot take pictures as the demo must go on: ${this.#said}`);
      this.#said += value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      // It has ended by itself, or by the limit.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
    while (!(await this.#reader.read()).done);
    await this.#child.status;
  }
}

if (import.meta.main) {
  const executablePath = await findBrowser();
  if (executablePath === undefined) {
    throw new Error("Cannot take pictures as Chromium must be there");
  }
  const top = await Deno.makeTempDir({ prefix: "gqm-images-" });
  const browser = await chromium.launch({ executablePath });
  try {
    await takeAll(browser, top);
  } finally {
    await browser.close();
    await Deno.remove(top, { recursive: true });
  }
}

async function takeAll(browser: Browser, top: string): Promise<void> {
  const dir = `${top}/files`;
  for (const folder of FOLDERS) await copyFolder(new URL(`${folder}/`, root), `${dir}/${folder}`);
  const names = [
    [dir, "/srv/files"],
    [top, "/srv"],
    [root.pathname.replace(/\/$/, ""), "/srv/gqm"],
    [Deno.hostname(), "host"],
  ] as const;
  await using demo = new Demo([
    ...await stdArgs(),
    ...["cli.ts", "demo"],
    ...["--dir", dir, "--store", `sqlite:${top}/demo.db`, "--port", "0"],
    ...["--concurrency", "4", "--pace-ms", String(PACE_MS)],
  ]);
  const url = await demo.said(/^Dashboard: (\S+)/m);
  const take = (picture: Picture) => takeOne(browser, url, picture, names);
  const files = Number(await demo.said(/^Reading (\d+) files/m));
  await untilCompleted(url, files * SHARE);
  await take({ name: "overview", at: "/", theme: "light" });
  await demo.said(/This worker goes on/);
  await take({ name: "failed", at: "/failed", theme: "dark" });
  const report = await idOf(url, "type=folder.report", ({ payload }) => payload.folder === dir);
  await take({ name: "graph", at: `/dag/${report}`, theme: "light", press: "Show all" });
  const dead = await idOf(url, "status=dead_letter", ({ payload }) => payload.path === dir);
  await take({ name: "job", at: `/jobs/${dead}`, theme: "light" });
}

/** Waits until so many jobs of the demo are completed. */
async function untilCompleted(url: string, least: number): Promise<void> {
  const endsAt = performance.now() + DEMO_LIMIT_MS;
  while (performance.now() < endsAt) {
    const response = await fetch(new URL("/api/v1/queues/demo", url));
    // The queue is there when the first job is.
    const { data } = await response.json();
    if (data?.completed >= least) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`Cannot take pictures as ${least} files must be read in time`);
}

async function copyFolder(from: URL, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile && !name.includes(".gen.")) {
      await Deno.copyFile(new URL(name, from), `${to}/${name}`);
    }
  }
}

interface FoundJob {
  readonly id: string;
  readonly payload: { readonly folder?: string; readonly path?: string };
}

/** The id of a job of the demo. */
async function idOf(
  url: string,
  query: string,
  isIt: (job: FoundJob) => boolean,
): Promise<string> {
  const response = await fetch(new URL(`/api/v1/search?limit=100&${query}`, url));
  const { data } = await response.json() as { readonly data: readonly FoundJob[] };
  const found = data.find(isIt);
  if (found === undefined) {
    throw new Error(`Cannot take pictures as there must be such a job: ${query}`);
  }
  return found.id;
}

async function takeOne(
  browser: Browser,
  url: string,
  { name, at, theme, press }: Picture,
  names: readonly (readonly [own: string, shown: string])[],
): Promise<void> {
  const page = await browser.newPage({
    viewport: SIZE,
    colorScheme: theme,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
  });
  page.setDefaultTimeout(LIMIT_MS);
  await page.goto(`${url}#${at}`);
  await page.waitForFunction(isSettled);
  await page.getByRole("navigation").getByText("Live", { exact: true }).waitFor();
  if (press !== undefined) await page.getByRole("button", { name: press }).click();
  await page.evaluate(rename, names);
  const bytes = await page.screenshot({ animations: "disabled" });
  await page.close();
  if (bytes.length > MAX_BYTES) {
    throw new Error(
      `Cannot keep ${name} as it must have at most ${MAX_BYTES} bytes: ${bytes.length}`,
    );
  }
  await Deno.mkdir(images, { recursive: true });
  await Deno.writeFile(new URL(`${name}.png`, images), bytes);
  console.log(`docs/images/${name}.png: ${bytes.length} bytes`);
}
