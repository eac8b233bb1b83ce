/**
 * What the terminal monitor knows at a moment, and how keys change it: without reading, writing or waiting, which is
 * left to what runs it.
 *
 * @module
 */

import { graphBoxes, nearest } from "./graph_boxes.ts";
import { treeRows } from "./graph_tree.ts";
import type { Key } from "./keys.ts";
import type { Action, Body, Row, View } from "./view.ts";
import { dag } from "./views/dag.ts";
import { failed } from "./views/failed.ts";
import { overview } from "./views/overview.ts";
import { foundJobs, queues } from "./views/queues.ts";
import { schedules } from "./views/schedules.ts";
import { workers } from "./views/workers.ts";

/** The tabs, by the keys that lead there. */
export const tabs: readonly { readonly key: string; readonly view: View }[] = [
  { key: "0", view: overview },
  { key: "1", view: queues },
  { key: "2", view: workers },
  { key: "3", view: failed() },
  { key: "4", view: schedules },
  { key: "5", view: dag },
];

/** A view that is open, and where somebody is in it. */
export interface Place {
  view: View;
  /** What was read last; it stays while it is read again. */
  data?: unknown;
  error?: string;
  /** When it was read, in milliseconds of the process's clock. */
  readAt?: number;
  /** The row or job that is chosen, by its key. */
  chosen?: string;
  /** Its number, for when it is gone. */
  at: number;
  /** The first line that is shown. */
  top: number;
  /** Only rows that say this. */
  filter: string;
  isTree: boolean;
}

/** How the monitor is reached. */
export type Link = "before" | "live" | "polling" | "down";

/** A message that is shown for a while. */
export interface Message {
  readonly text: string;
  readonly isBad: boolean;
  readonly until: number;
}

/** Everything that is known. */
export interface Model {
  /** The address of the monitor, or the store. */
  readonly place: string;
  width: number;
  height: number;
  tab: number;
  /** What is open, the tab's own view first. */
  open: Place[];
  link: Link;
  message: Message | undefined;
  /** What is asked before something is done. */
  asked: Action | undefined;
  isHelp: boolean;
  /** What is typed after `/`. */
  typed: string | undefined;
}

/** What the keys ask of what runs the model. */
export type Effect =
  | { readonly kind: "quit" | "suspend" | "redraw" | "read" }
  | { readonly kind: "do"; readonly action: Action };

/** Where it begins. */
export function newModel(place: string, width: number, height: number): Model {
  return {
    place,
    width,
    height,
    tab: 0,
    open: [placeOf(tabs[0]!.view)],
    link: "before",
    message: undefined,
    asked: undefined,
    isHelp: false,
    typed: undefined,
  };
}

/** A view that has just been opened. */
export function placeOf(view: View): Place {
  return { view, at: 0, top: 0, filter: "", isTree: false };
}

/** What is seen. */
export function shown({ open }: Model): Place {
  return open.at(-1)!;
}

/** Lines that a view has for itself. */
export function bodyHeight({ height }: Model): number {
  return Math.max(1, height - 4);
}

/** How the view looks now; undefined while it has not been read. */
export function bodyOf(model: Model, nowMs: number): Body | undefined {
  const { view, data } = shown(model);
  return data === undefined ? undefined : view.body(data, { nowMs, width: model.width });
}

/** The rows of a table that say what is looked for. */
export function filtered(rows: readonly Row[], filter: string): readonly Row[] {
  if (filter === "") return rows;
  const wanted = filter.toLowerCase();
  return rows.filter(({ key, cells }) =>
    key.toLowerCase().includes(wanted) ||
    cells.some(({ text }) => text.toLowerCase().includes(wanted))
  );
}

/** The keys of what can be chosen, from top to bottom. */
function choosable(body: Body | undefined, place: Place): readonly string[] {
  if (body?.kind === "table") return filtered(body.rows, place.filter).map(({ key }) => key);
  if (body?.kind === "graph") return treeRows(body).map(({ id }) => id);
  return [];
}

/** The key of what is chosen, and its number. */
export function choice(
  body: Body | undefined,
  place: Place,
): readonly [string | undefined, number] {
  const keys = choosable(body, place);
  const found = place.chosen === undefined ? -1 : keys.indexOf(place.chosen);
  const start = place.chosen === undefined && body?.kind === "graph" ? keys.indexOf(body.root) : -1;
  const at = found >= 0 ? found : start >= 0 ? start : Math.min(place.at, keys.length - 1);
  return [keys[at], at];
}

/** What can be done now, by keys. */
export function actionsOf(body: Body | undefined, place: Place): readonly Action[] {
  if (body === undefined || body.kind === "graph") return [];
  if (body.kind === "text") return body.actions ?? [];
  const [key] = choice(body, place);
  return [...body.rows.find((row) => row.key === key)?.actions ?? [], ...body.actions ?? []];
}

/** A key was typed. */
export function press(model: Model, key: Key, nowMs: number): Effect | undefined {
  if (key === "ctrl+c") return { kind: "quit" };
  if (key === "ctrl+z") return { kind: "suspend" };
  if (key === "ctrl+l") return { kind: "redraw" };
  if (model.isHelp) {
    model.isHelp = false;
    return undefined;
  }
  if (model.asked !== undefined) {
    const action = model.asked;
    model.asked = undefined;
    return key === "y" || key === "Y" ? { kind: "do", action } : undefined;
  }
  if (model.typed !== undefined) return type(model, key);
  const body = bodyOf(model, nowMs);
  const place = shown(model);
  const action = actionsOf(body, place).find((one) => one.key === key);
  if (action !== undefined) {
    model.asked = action;
    return undefined;
  }
  return common(model, key) ?? move(model, key, body);
}

function type(model: Model, key: Key): Effect | undefined {
  const typed = model.typed ?? "";
  const place = shown(model);
  if (key === "esc") {
    model.typed = undefined;
    place.filter = "";
  } else if (key === "enter") {
    model.typed = undefined;
    const { search } = place.view;
    if (search !== undefined && typed !== "") return enter(model, search(typed));
  } else {
    model.typed = key === "backspace"
      ? Array.from(typed).slice(0, -1).join("")
      : key === "ctrl+u"
      ? ""
      : Array.from(key).length === 1
      ? typed + key
      : typed;
    if (place.view.search === undefined) place.filter = model.typed;
    place.top = 0;
  }
  return undefined;
}

function common(model: Model, key: Key): Effect | undefined {
  const tab = tabs.findIndex((one) => one.key === key);
  if (tab >= 0) return change(model, tab);
  const place = shown(model);
  switch (key) {
    case "q":
      return { kind: "quit" };
    case "tab":
      return change(model, (model.tab + 1) % tabs.length);
    case "shift+tab":
      return change(model, (model.tab + tabs.length - 1) % tabs.length);
    case "?":
      model.isHelp = true;
      return undefined;
    case "f5":
      return { kind: "read" };
    case "/":
      model.typed = place.filter;
      return undefined;
    case "s":
      return enter(model, searching);
    case "esc":
    case "backspace":
      if (place.filter !== "") place.filter = "";
      else if (model.open.length > 1) model.open.pop();
      return { kind: "read" };
    default:
      return undefined;
  }
}

/** Asks for a text, and looks for jobs with it. */
const searching: View = {
  title: "Search",
  events: [],
  search: foundJobs,
  load: () => Promise.resolve(null),
  body: () => ({
    kind: "text",
    lines: [[{
      text: "Type / and a text: jobs that carry it, or have it as their id, are looked for.",
    }]],
  }),
};

function change(model: Model, tab: number): Effect {
  model.tab = tab;
  model.open = [placeOf(tabs[tab]!.view)];
  return { kind: "read" };
}

function enter(model: Model, view: View): Effect {
  model.open.push(placeOf(view));
  if (view === searching) model.typed = "";
  return { kind: "read" };
}

const ARROWS: Readonly<Record<Key, "up" | "down" | "left" | "right">> = {
  up: "up",
  k: "up",
  down: "down",
  j: "down",
  left: "left",
  h: "left",
  right: "right",
  l: "right",
};

function move(model: Model, key: Key, body: Body | undefined): Effect | undefined {
  const place = shown(model);
  const arrow = ARROWS[key];
  if (body === undefined) return undefined;
  if (key === "enter") return open(model, body);
  if (key === "g" && body.kind === "text" && body.graph) return enter(model, body.graph());
  if (body.kind === "graph") {
    if (key === "t") {
      // A graph that is too large for boxes is always a tree.
      const isLarge = graphBoxes(body, "", model.width) === undefined;
      place.isTree = !place.isTree && !isLarge;
      return undefined;
    }
    const [chosen = body.root] = choice(body, place);
    const picture = place.isTree ? undefined : graphBoxes(body, chosen, model.width);
    if (picture !== undefined && arrow !== undefined) {
      place.chosen = nearest(picture.places, chosen, arrow);
      return undefined;
    }
  }
  if ((arrow === "left" || arrow === "right") && place.data !== undefined) {
    const beside = place.view.beside?.(place.data, arrow === "right" ? 1 : -1);
    if (beside === undefined) return undefined;
    model.open[model.open.length - 1] = placeOf(beside);
    return { kind: "read" };
  }
  const page = Math.max(1, bodyHeight(model) - 2);
  const step = arrow === "up"
    ? -1
    : arrow === "down"
    ? 1
    : { pageup: -page, pagedown: page, home: -Infinity, end: Infinity }[key];
  if (step === undefined) return undefined;
  if (body.kind === "text") place.top = Math.max(0, bounded(place.top + step, 0, 1e9));
  else {
    const keys = choosable(body, place);
    const [, at] = choice(body, place);
    place.at = bounded(at + step, 0, keys.length - 1);
    place.chosen = keys[place.at];
  }
  return undefined;
}

function bounded(n: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, n));
}

function open(model: Model, body: Body): Effect | undefined {
  const [key] = choice(body, shown(model));
  if (key === undefined) return undefined;
  if (body.kind === "graph") return enter(model, body.open(key));
  if (body.kind !== "table") return undefined;
  const view = body.rows.find((row) => row.key === key)?.open?.();
  return view && enter(model, view);
}
