// @ts-check
/**
 * Where the jobs of a graph are drawn: in columns, each job to the right of those that it waits for, in an order in
 * which few lines cross. Many jobs with the same parents and the same children stand in a block, with one line to it.
 */

import { arrange, spread } from "./layout_columns.js";

/** Of a job. */
export const WIDTH = 190;
export const HEIGHT = 46;
const BLOCK_GAP = 8;
/** So many alike become a block. */
const MANY = 8;

/** @typedef {{ source: string, target: string }} Edge */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box Its upper left corner and size. */
/** @typedef {{ all: string, heads: string }} Lines Paths: the lines, and the heads of their arrows. */

/**
 * @typedef {object} Placed
 * @property {number} width
 * @property {number} height
 * @property {Map<string, Box>} boxes Of the jobs.
 * @property {Box[]} blocks Around jobs that are alike.
 * @property {string[][]} columns The jobs of each, from above; of blocks, column by column.
 * @property {Lines} lines
 * @property {(id: string) => Lines} linesOf Those from and to a job.
 */

/** What is placed as one: a job, a block of them, or, without any, a line on its way past a column. */
export class Unit {
  /** Its column. */
  layer = 0;
  /** The left side of it and, the same for all of its column, where its column ends. */
  x = 0;
  right = 0;
  /** Its middle. */
  y = 0;
  /** Its place in its column, where it would like to be, and where it were if nothing were left empty. */
  at = 0;
  wish = 0;
  offset = 0;
  /** Parents and children. @type {Set<Unit>} */
  up = new Set();
  /** @type {Set<Unit>} */
  down = new Set();
  /** What it has lines to in the columns beside it. @type {Set<Unit>} */
  before = new Set();
  /** @type {Set<Unit>} */
  after = new Set();
  /** Where its lines pass the columns after its own: those to several children go together. @type {Unit[]} */
  way = [];

  /** @param {readonly string[]} ids */
  constructor(ids) {
    this.ids = ids;
    const { length } = ids;
    const across = length < MANY ? length : Math.ceil(Math.sqrt(length / 4));
    this.rows = across && Math.ceil(length / across);
    this.width = across && across * (WIDTH + BLOCK_GAP) - BLOCK_GAP;
    this.height = across && this.rows * (HEIGHT + BLOCK_GAP) - BLOCK_GAP;
  }
}

/**
 * Says where everything is.
 *
 * @param {readonly { id: string }[]} nodes
 * @param {readonly Edge[]} edges Both ends are among the nodes.
 * @returns {Placed}
 */
export function place(nodes, edges) {
  const units = unitsOf(nodes.map(({ id }) => id), edges);
  const of = byId(units);
  const layers = layersOf(units);
  arrange(layers);
  const size = spread(layers);
  const all = layers.flat();
  return {
    ...size,
    boxes: new Map(units.flatMap(boxesOf)),
    blocks: units.filter(({ ids }) => ids.length > 1).map(({ x, y, width, height }) => ({
      x: x - BLOCK_GAP,
      y: y - height / 2 - BLOCK_GAP,
      width: width + 2 * BLOCK_GAP,
      height: height + 2 * BLOCK_GAP,
    })),
    columns: layers.map((layer) => layer.flatMap(({ ids }) => ids)),
    lines: {
      all: all.flatMap((unit) => [...unit.after].map((next) => line(unit, next))).join(""),
      heads: units.filter(({ up }) => up.size > 0).map(head).join(""),
    },
    linesOf: (id) => {
      const unit = /** @type {Unit} */ (of.get(id));
      const lines = [
        ...[...unit.up].flatMap((parent) => linesTo(parent, unit)),
        ...[...unit.down].flatMap((child) => linesTo(unit, child)),
      ];
      const ends = [...unit.up.size > 0 ? [unit] : [], ...unit.down];
      return { all: [...new Set(lines)].join(""), heads: ends.map(head).join("") };
    },
  };
}

/** @param {readonly string[]} ids @param {readonly Edge[]} edges */
function unitsOf(ids, edges) {
  const single = ids.map((id) => new Unit([id]));
  connect(single, edges);
  const numbers = new Map(single.map((unit, i) => [unit, i]));
  /** @param {Set<Unit>} some */
  const named = (some) => [...some].map((unit) => numbers.get(unit)).sort();
  const alike = Map.groupBy(single, ({ up, down }) => `${named(up)}>${named(down)}`);
  if ([...alike.values()].every(({ length }) => length < MANY)) return single;
  const units = [...alike.values()].flatMap((some) => {
    const all = some.flatMap(({ ids }) => ids);
    return all.length < MANY ? all.map((id) => new Unit([id])) : [new Unit(all)];
  });
  connect(units, edges);
  return units;
}

/** @param {readonly Unit[]} units */
function byId(units) {
  return new Map(units.flatMap((unit) => unit.ids.map((id) => [id, unit])));
}

/** @param {readonly Unit[]} units @param {readonly Edge[]} edges */
function connect(units, edges) {
  const of = byId(units);
  for (const { source, target } of edges) {
    const [from, to] = [of.get(source), of.get(target)];
    if (!from || !to) continue;
    from.down.add(to);
    to.up.add(from);
  }
}

/** Puts units into columns, and the lines that pass some into these. @param {readonly Unit[]} units */
function layersOf(units) {
  const left = new Map(units.map((unit) => [unit, unit.up.size]));
  const sorted = units.filter(({ up }) => up.size === 0);
  for (const unit of sorted) {
    for (const child of unit.down) {
      child.layer = Math.max(child.layer, unit.layer + 1);
      const rest = Number(left.get(child)) - 1;
      left.set(child, rest);
      if (rest === 0) sorted.push(child);
    }
  }
  // As near to its children as it can be, if that makes more lines shorter than longer.
  for (const unit of sorted.toReversed()) {
    if (unit.down.size <= unit.up.size) continue;
    const next = Math.min(...[...unit.down].map(({ layer }) => layer));
    unit.layer = Math.max(unit.layer, next - 1);
  }
  for (const unit of units) for (const child of unit.down) join(wayTo(unit, child).at(-1), child);
  /** @type {Unit[][]} */
  const layers = [];
  const seen = new Set();
  /** @param {Unit} unit */
  const visit = (unit) => {
    if (seen.has(unit)) return;
    seen.add(unit);
    (layers[unit.layer] ??= []).push(unit);
    for (const next of unit.after) visit(next);
  };
  for (const unit of units.toSorted((a, b) => a.layer - b.layer)) visit(unit);
  return layers;
}

/** What a line goes by on its way to a child, itself the first. @param {Unit} from @param {Unit} to */
function wayTo(from, to) {
  const passed = Math.max(0, to.layer - from.layer - 1);
  while (from.way.length < passed) {
    const unit = new Unit([]);
    unit.layer = from.layer + from.way.length + 1;
    join(from.way.at(-1) ?? from, unit);
    from.way.push(unit);
  }
  return [from, ...from.way.slice(0, passed)];
}

/** @param {Unit | undefined} unit @param {Unit} next */
function join(unit, next) {
  if (!unit) return;
  unit.after.add(next);
  next.before.add(unit);
}

/** @param {Unit} from @param {Unit} to */
function linesTo(from, to) {
  const way = wayTo(from, to);
  return way.map((unit, i) => line(unit, way[i + 1] ?? to));
}

/** @param {Unit} from @param {Unit} to Of the column after it. */
function line(from, to) {
  const [y, end] = [Math.round(from.y), Math.round(to.y)];
  const middle = Math.round((from.right + to.x) / 2);
  return `M${
    from.x + from.width
  } ${y}H${from.right}C${middle} ${y} ${middle} ${end} ${to.x} ${end}`;
}

/** @param {Unit} unit */
function head({ x, y }) {
  return `M${x} ${Math.round(y)}l-8 -4v8z`;
}

/** @param {Unit} unit @returns {[string, Box][]} */
function boxesOf({ ids, rows, x, y, height }) {
  return ids.map((id, i) => [id, {
    x: x + Math.floor(i / rows) * (WIDTH + BLOCK_GAP),
    y: y - height / 2 + i % rows * (HEIGHT + BLOCK_GAP),
    width: WIDTH,
    height: HEIGHT,
  }]);
}
