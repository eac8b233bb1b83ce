/**
 * Chromium, for tests that use the dashboard as a person does. A test fails if a page of it writes an error to the
 * console, breaks its policy, or asks for something that it does not get, unless it was said before.
 */

import { assert, assertEquals } from "@std/assert";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findBrowser } from "../../../tools/test/browser.ts";
import { isSettled, widths } from "./in_page.js";
import { type BrowserWorld, startWorld, type WorldOptions } from "./world.ts";

/** Most time of a step, in milliseconds: the machine may be busy. */
const STEP_LIMIT_MS = 30_000;
const HOW = "run deno run -A tools/test/browser.ts";

const path = await findBrowser();

/** One for all tests of a file: to start it takes longer than most of them. What a test opens is a context of its own. */
let browser: Browser | undefined;

Deno.test.beforeAll(async () => {
  if (path !== undefined) browser = await chromium.launch({ executablePath: path, args: FLAGS });
});

Deno.test.afterAll(async () => {
  const left = browser?.contexts().length ?? 0;
  await browser?.close();
  assertEquals(left, 0, "a test left a context open");
});

/** How a page looks. */
export interface Look {
  readonly theme: "light" | "dark";
  /** Width of the window, in pixels. */
  readonly width: 360 | 1440;
}

/** Both themes, on a phone and on a desk. */
export const looks: readonly Look[] = [
  { theme: "light", width: 1440 },
  { theme: "dark", width: 1440 },
  { theme: "light", width: 360 },
  { theme: "dark", width: 360 },
];

/** What a test is given. */
export interface BrowserTest {
  readonly world: BrowserWorld;
  /** Opens the dashboard as if in a browser of its own: in a new context. */
  open(options?: VisitOptions): Promise<Visit>;
}

/** Who comes, and where. */
export interface VisitOptions extends Partial<Look> {
  /** Who is logged in; null for nobody. @default {"ada", an admin} */
  readonly as?: string | null;
  /** What the URL says after the `#`. @default {"/"} */
  readonly at?: string;
  /** Where the browser finds the server, such as a proxy in front of it. @default {the server itself} */
  readonly via?: string;
}

/** Registers a test that has a world of its own, and contexts of a browser that the tests of a file share. */
export function browserTest(
  name: string,
  run: (test: BrowserTest) => Promise<void>,
  options?: WorldOptions,
): void {
  Deno.test({
    name: path === undefined ? `${name}: ${HOW}` : name,
    ignore: path === undefined && Deno.env.get("CI") === undefined,
    fn: async () => {
      const shared = browser;
      assert(shared !== undefined, HOW);
      assert(shared.isConnected(), "the browser has died");
      await using world = await startWorld(options);
      const visits: Visit[] = [];
      try {
        await run({
          world,
          open: async (visit = {}) => {
            const opened = await openVisit(shared, world, visit);
            visits.push(opened);
            return opened;
          },
        });
        for (const visit of visits) visit.check();
      } finally {
        // Those too that were being opened when something went wrong.
        await Promise.all(shared.contexts().map((context) => context.close()));
      }
    },
  });
}

/** Chromium asks nobody outside. */
const FLAGS = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

async function openVisit(
  browser: Browser,
  world: BrowserWorld,
  { as = "ada", at = "/", theme = "light", width = 1440, via = world.url }: VisitOptions,
): Promise<Visit> {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height: width === 360 ? 780 : 900 },
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(STEP_LIMIT_MS);
  if (as !== null) await logIn(context, via, as, world.password);
  const visit = new Visit(via + world.pagesPath, await context.newPage());
  await visit.go(at);
  return visit;
}

async function logIn(
  context: BrowserContext,
  url: string,
  username: string,
  password: string,
): Promise<void> {
  const response = await context.request.post(`${url}/auth/login`, {
    data: { username, password },
  });
  assertEquals(response.status(), 200, await response.text());
}

/** A page of the dashboard, watched. */
export class Visit {
  /** The page itself. */
  readonly page: Page;
  readonly #pages: string;
  readonly #problems: string[] = [];
  readonly #expected: RegExp[] = [];
  readonly #allowed: RegExp[] = [];

  /** @param pages Where the pages are. */
  constructor(pages: string, page: Page) {
    this.page = page;
    this.#pages = pages;
    const { origin } = new URL(pages);
    page.on("console", (message) => {
      // Of a request that went wrong the one below tells more.
      if (message.text().startsWith("Failed to load resource")) return;
      if (["error", "warning"].includes(message.type())) this.#tell(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#tell(`error: ${error.message}`));
    page.on("requestfailed", (request) => {
      const text = request.failure()?.errorText ?? "";
      // The page itself ended it, as it does with what it no longer needs.
      if (text !== "net::ERR_ABORTED") this.#tell(`failed: ${request.url()} ${text}`);
    });
    page.on("request", (request) => {
      if (/^(?:data|blob):/.test(request.url())) return;
      if (new URL(request.url()).origin !== origin) this.#tell(`left: ${request.url()}`);
    });
    page.on("response", (response) => {
      if (response.status() < 400) return;
      const { pathname } = new URL(response.url());
      this.#tell(`${response.status()} ${response.request().method()} ${pathname}`);
    });
  }

  /**
   * Says that something will go wrong that should, such as `/^404 GET .*\/nope/`. What was said and does not
   * happen is a failure too.
   */
  expect(problem: RegExp): void {
    this.#expected.push(problem);
  }

  /** Says that something may go wrong, such as what was asked just before the server was away. */
  allow(problem: RegExp): void {
    this.#allowed.push(problem);
  }

  /** Shows what the URL says after the `#`. */
  async go(at: string): Promise<void> {
    await this.page.goto(`${this.#pages}#${at}`);
    await this.settled();
  }

  /** Waits until what the page shows has been read. */
  async settled(): Promise<void> {
    await this.page.waitForFunction(isSettled);
  }

  /** Fails if the page is wider than its window. */
  async fits(): Promise<void> {
    const [wide, room] = await this.page.evaluate(widths);
    assert(wide <= room, `${this.page.url()}: ${wide} px wide in a window of ${room}`);
  }

  /** Fails if something went wrong so far that was not expected, or was and did not. */
  check(): void {
    const unexpected = this.#problems.filter((told) =>
      ![...this.#expected, ...this.#allowed].some((rule) => rule.test(told))
    );
    const absent = this.#expected.filter((rule) => !this.#problems.some((told) => rule.test(told)));
    assertEquals({ unexpected, absent: absent.map(String) }, { unexpected: [], absent: [] });
  }

  #tell(problem: string): void {
    this.#problems.push(problem);
  }
}
