/**
 * A small graph as boxes, layer below layer, with lines between them; pure.
 *
 * @module
 */

import { unicodeWidth } from "@std/cli/unicode-width";
import { statusName } from "../format.ts";
import { toneOf } from "../style.ts";
import { column, type Line, type Span } from "./line.ts";
import type { Body, GraphNode } from "./view.ts";

type Graph = Extract<Body, { kind: "graph" }>;

/** More are shown as a tree. */
const MOST_NODES = 15;
const BOX_HEIGHT = 4;
const GAP_HEIGHT = 3;
const GAP = 2;
const LEAST_BOX = 12;
const MOST_BOX = 28;
/** A row further away counts as much as so many columns. */
const LAYER_FIRST = 1000;

/** Where a job is drawn. */
export interface Placed {
  readonly id: string;
  /** Its middle, in columns and rows. */
  readonly x: number;
  readonly y: number;
}

/** The picture, and where its jobs are. */
export interface Picture {
  readonly lines: readonly Line[];
  readonly places: readonly Placed[];
}

/** One place of a layer: a job, or a line that passes. */
interface Cell {
  readonly node?: GraphNode;
  readonly key: string;
  readonly width: number;
  x: number;
}

const UP = 1;
const DOWN = 2;
const LEFT = 4;
const RIGHT = 8;
const STROKES: Readonly<Record<number, string>> = {
  [UP]: "│",
  [DOWN]: "│",
  [UP | DOWN]: "│",
  [LEFT]: "─",
  [RIGHT]: "─",
  [LEFT | RIGHT]: "─",
  [DOWN | RIGHT]: "┌",
  [DOWN | LEFT]: "┐",
  [UP | RIGHT]: "└",
  [UP | LEFT]: "┘",
  [UP | DOWN | RIGHT]: "├",
  [UP | DOWN | LEFT]: "┤",
  [DOWN | LEFT | RIGHT]: "┬",
  [UP | LEFT | RIGHT]: "┴",
  [UP | DOWN | LEFT | RIGHT]: "┼",
};

/** Draws it; undefined if there are too many jobs, or too many beside each other. */
export function graphBoxes(graph: Graph, chosen: string, width: number): Picture | undefined {
  const { nodes, root } = graph;
  if (nodes.length === 0 || nodes.length > MOST_NODES) return undefined;
  const known = new Set(nodes.map(({ id }) => id));
  const edges = graph.edges.filter(({ source, target }) => known.has(source) && known.has(target));
  const depth = depths(nodes, edges);
  const links: [above: string, below: string][] = [];
  const layers: Cell[][] = [];
  const put = (layer: number, cell: Cell): void => void (layers[layer] ??= []).push(cell);
  for (const node of nodes) {
    const wide = Math.max(unicodeWidth(node.title), statusName(node.status).length);
    const box = Math.min(MOST_BOX, Math.max(LEAST_BOX, wide)) + 4;
    put(depth.get(node.id)!, { node, key: node.id, width: box, x: 0 });
  }
  for (const { source, target } of edges) {
    let above = source;
    for (let layer = depth.get(source)! + 1; layer < depth.get(target)!; layer++) {
      const key = `${source}\n${target}\n${layer}`;
      put(layer, { key, width: 1, x: 0 });
      links.push([above, key]);
      above = key;
    }
    links.push([above, target]);
  }
  order(layers, links);
  const wide = (layer: readonly Cell[]): number =>
    layer.reduce((sum, cell) => sum + cell.width + GAP, -GAP);
  if (Math.max(...layers.map(wide)) > width) return undefined;
  for (const layer of layers) {
    let x = Math.floor((width - wide(layer)) / 2);
    for (const cell of layer) {
      cell.x = x;
      x += cell.width + GAP;
    }
  }
  return draw(layers, links, { root, chosen, width });
}

function depths(
  nodes: readonly GraphNode[],
  edges: Graph["edges"],
): Map<string, number> {
  const depth = new Map(nodes.map(({ id }) => [id, 0]));
  // As often as there are jobs: a graph has no circles, and if what we are told has one, it ends all the same.
  for (let i = 0; i < nodes.length; i++) {
    for (const { source, target } of edges) {
      depth.set(
        target,
        Math.min(nodes.length - 1, Math.max(depth.get(target)!, depth.get(source)! + 1)),
      );
    }
  }
  const used = [...new Set(depth.values())].sort((a, b) => a - b);
  return new Map([...depth].map(([id, at]) => [id, used.indexOf(at)]));
}

/** Puts what hangs together beside each other: by the mean place of what is above. */
function order(layers: Cell[][], links: readonly (readonly [string, string])[]): void {
  const place = new Map<string, number>();
  for (const layer of layers) {
    const mean = new Map(layer.map(({ key }, i) => {
      const above = links.filter(([, below]) => below === key).map(([one]) => place.get(one) ?? 0);
      return [key, above.length === 0 ? i : above.reduce((a, b) => a + b, 0) / above.length];
    }));
    layer.sort((a, b) => mean.get(a.key)! - mean.get(b.key)!);
    for (const [i, { key }] of layer.entries()) place.set(key, i / Math.max(1, layer.length - 1));
  }
}

function draw(
  layers: readonly Cell[][],
  links: readonly (readonly [string, string])[],
  { root, chosen, width }: {
    readonly root: string;
    readonly chosen: string;
    readonly width: number;
  },
): Picture {
  const cells = new Map(layers.flat().map((cell) => [cell.key, cell]));
  const middle = (key: string): number => {
    const { x, width: wide } = cells.get(key)!;
    return x + Math.floor(wide / 2);
  };
  const lines: Line[] = [];
  const places: Placed[] = [];
  for (const [i, layer] of layers.entries()) {
    for (const { node, x, width: wide } of layer) {
      if (node === undefined) continue;
      places.push({ id: node.id, x: x + wide / 2, y: lines.length + BOX_HEIGHT / 2 });
    }
    for (let row = 0; row < BOX_HEIGHT; row++) {
      lines.push(boxRow(layer, row, root, chosen, width));
    }
    const below = links.filter(([above]) => layer.some(({ key }) => key === above));
    if (i + 1 < layers.length) lines.push(...connections(below, middle, width));
  }
  return { lines, places };
}

function boxRow(
  layer: readonly Cell[],
  row: number,
  root: string,
  chosen: string,
  width: number,
): Line {
  const parts: Span[] = [];
  let at = 0;
  for (const { node, x, width: wide } of layer) {
    parts.push({ text: " ".repeat(x - at) });
    at = x + wide;
    if (node === undefined) {
      parts.push({ text: "│", tone: "faint" });
      continue;
    }
    const isRoot = node.id === root;
    const [corner, flat, side] = isRoot ? ["╔╗╚╝", "═", "║"] : ["┌┐└┘", "─", "│"];
    const tone = node.id === chosen ? "reverse" : toneOf(node.status);
    const own: Span = row === 0
      ? { text: corner![0]! + flat!.repeat(wide - 2) + corner![1]! }
      : row === BOX_HEIGHT - 1
      ? { text: corner![2]! + flat!.repeat(wide - 2) + corner![3]! }
      : {
        text: `${side} ${
          column(row === 1 ? node.title : statusName(node.status), wide - 4)
        } ${side}`,
      };
    parts.push(tone === undefined ? own : { ...own, tone });
  }
  parts.push({ text: " ".repeat(Math.max(0, width - at)) });
  return parts;
}

/** The lines from one layer to the next. */
function connections(
  links: readonly (readonly [string, string])[],
  middle: (key: string) => number,
  width: number,
): Line[] {
  const grid = Array.from({ length: GAP_HEIGHT }, () => new Array<number>(width).fill(0));
  const add = (row: number, x: number, bits: number): void => {
    grid[row]![x] = (grid[row]![x] ?? 0) | bits;
  };
  for (const [above, below] of links) {
    const [from, to] = [middle(above), middle(below)];
    add(0, from, UP | DOWN);
    add(1, from, UP | (from === to ? DOWN : to > from ? RIGHT : LEFT));
    for (let x = Math.min(from, to) + 1; x < Math.max(from, to); x++) add(1, x, LEFT | RIGHT);
    if (from !== to) add(1, to, DOWN | (to > from ? LEFT : RIGHT));
    add(2, to, UP | DOWN);
  }
  return grid.map((row): Line => [
    { text: row.map((bits) => STROKES[bits] ?? " ").join(""), tone: "faint" },
  ]);
}

/** The job that is nearest in a direction: in the next layer up or down, or in the same one beside. */
export function nearest(
  places: readonly Placed[],
  from: string,
  key: "up" | "down" | "left" | "right",
): string {
  const here = places.find(({ id }) => id === from);
  if (here === undefined) return places[0]?.id ?? from;
  const isVertical = key === "up" || key === "down";
  const sign = key === "up" || key === "left" ? -1 : 1;
  let best = from;
  let least = Infinity;
  for (const { id, x, y } of places) {
    const [dx, dy] = [x - here.x, y - here.y];
    if (sign * (isVertical ? dy : dx) <= 0) continue;
    const far = Math.abs(dy) * LAYER_FIRST + Math.abs(dx);
    if (far < least) [best, least] = [id, far];
  }
  return best;
}
