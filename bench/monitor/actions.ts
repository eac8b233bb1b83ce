/** What people do on the pages of the dashboard that hold much. */

import type { Page } from "playwright-core";
import { jobInView } from "./in_page.js";

/** What is on the page once something was done. */
export interface Wanted {
  /** A selector of parts that are there. */
  readonly some: string;
  /** How many. @default {1} */
  readonly least?: number;
  /** A selector of parts that are not. */
  readonly none?: string;
}

/** Something that is done, and measured. */
export interface Action {
  readonly name: string;
  /** What it is done for; absent if all is there before. */
  readonly wanted?: Wanted;
  run(page: Page): Promise<void>;
}

/** A page, and what is done on it, one after the other. */
export interface Scene {
  readonly name: string;
  readonly at: string;
  readonly wanted: Wanted;
  readonly actions: readonly Action[];
}

const ROW = "tbody tr[data-key]";
const NODE = ".graph-node";

/** The list of jobs. */
export const list: Scene = {
  name: "jobs",
  at: "/jobs",
  wanted: { some: ROW, least: 50 },
  actions: [
    {
      name: "choose a row",
      wanted: { some: `${ROW}.is-chosen` },
      run: (page) => page.locator(ROW).nth(3).getByRole("checkbox").click(),
    },
    {
      name: "choose a status",
      wanted: {
        some: `${ROW} .status-dead_letter`,
        none: `${ROW} .status:not(.status-dead_letter)`,
      },
      run: (page) => page.getByRole("button", { name: /^dead letter/ }).click(),
    },
    ...[100, 150, 200, 250, 300].map((least): Action => ({
      name: "show more",
      wanted: { some: ROW, least },
      run: (page) => page.getByRole("button", { name: "Show more" }).click(),
    })),
    {
      name: "scroll through 300 rows",
      run: async (page) => {
        await page.mouse.move(700, 500);
        for (const way of [1, -1]) {
          for (let i = 0; i < 20; i++) await page.mouse.wheel(0, way * 600);
        }
      },
    },
    {
      name: "type into a filter",
      run: (page) => page.getByRole("searchbox", { name: "Text" }).pressSequentially("ada@example"),
    },
    {
      name: "find a text that all have",
      wanted: { some: `${ROW}:nth-child(50)`, none: `${ROW}:nth-child(301), .loading` },
      run: (page) => page.keyboard.press("Enter"),
    },
    {
      name: "find a text that none has",
      wanted: { some: "main .empty" },
      run: async (page) => {
        await page.getByRole("searchbox", { name: "Text" }).fill("nobody has this");
        await page.keyboard.press("Enter");
      },
    },
    {
      name: "find all again",
      wanted: { some: ROW },
      run: (page) => page.getByRole("searchbox", { name: "Text" }).fill(""),
    },
    {
      name: "open a job",
      wanted: { some: "main dl" },
      run: (page) => page.locator(`${ROW} a`).first().click(),
    },
  ],
};

/** A graph. @param id The job that it is the graph of. */
export function graph(id: string, size: number): Scene {
  return {
    name: "graph",
    at: `/dag/${id}`,
    wanted: { some: NODE, least: size },
    actions: [
      {
        name: "choose a job",
        wanted: { some: `${NODE}.is-chosen:not(.is-root)` },
        run: async (page) => {
          const { x, y } = await page.evaluate(jobInView);
          await page.mouse.click(x, y);
        },
      },
      {
        name: "walk by arrows",
        run: async (page) => {
          await page.locator(`${NODE}.is-chosen`).focus();
          for (const key of ["Right", "Down", "Right", "Down", "Right"]) {
            await page.keyboard.press(`Arrow${key}`);
          }
        },
      },
      {
        name: "show all",
        wanted: { some: ".graph-frame.is-far" },
        run: (page) => page.getByRole("button", { name: "Show all" }).click(),
      },
      ...[-1, 1].map((way): Action => ({
        name: "zoom by wheel",
        run: async (page) => {
          await overGraph(page);
          for (let i = 0; i < 20; i++) await page.mouse.wheel(0, way * 40);
        },
      })),
      ...["Larger", "Larger", "Larger"].map((name): Action => ({
        name: "zoom by button",
        run: (page) => page.getByRole("button", { name }).click(),
      })),
      {
        name: "move",
        run: async (page) => {
          const { x, y } = await overGraph(page);
          await page.mouse.down();
          for (let i = 1; i <= 30; i++) await page.mouse.move(x - 8 * i, y + 4 * (i % 10));
          await page.mouse.up();
        },
      },
    ],
  };
}

async function overGraph(page: Page): Promise<{ x: number; y: number }> {
  const box = await page.locator(".graph-frame").boundingBox();
  if (box === null) throw new Error("Cannot go on as the graph must be seen: it is not");
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await page.mouse.move(at.x, at.y);
  return at;
}
