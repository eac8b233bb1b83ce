// @ts-check
/**
 * The columns of a graph: in which order what they hold stands, and where, so that lines cross little and are straight.
 */

/** @typedef {import("./layout.js").Unit} Unit */

const GAP = 14;
const COLUMN_GAP = 64;
const MARGIN = 14;
/** Times that all columns are gone through. */
const SWEEPS = 10;
/** How much more a line that passes a column wants to be straight than a job does. */
const STRAIGHT = 4;

/** Puts each column into an order in which lines cross little: nobody knows the best. @param {Unit[][]} layers */
export function arrange(layers) {
  for (const layer of layers) number(layer);
  let best = layers;
  let least = crossings(layers);
  let now = layers;
  for (let sweep = 0; sweep < SWEEPS && least > 0; sweep++) {
    const isBack = sweep % 2 === 1;
    now = now.map((layer) => [...layer]);
    for (const layer of isBack ? now.toReversed() : now) {
      for (const unit of layer) {
        unit.wish = mean(isBack ? unit.after : unit.before, "at") ?? unit.at;
      }
      number(layer.sort((a, b) => a.wish - b.wish));
    }
    const count = crossings(now);
    if (count >= least) continue;
    least = count;
    best = now;
  }
  layers.splice(0, layers.length, ...best);
}

/** @param {Unit[]} layer */
function number(layer) {
  for (const [i, unit] of layer.entries()) unit.at = i;
}

/** @param {Iterable<Unit>} units @param {"at" | "y"} name */
function mean(units, name) {
  let [sum, count] = [0, 0];
  for (const unit of units) {
    sum += unit[name];
    count++;
  }
  return count > 0 ? sum / count : undefined;
}

/** How often lines cross. @param {Unit[][]} layers */
function crossings(layers) {
  let total = 0;
  for (const [i, layer] of layers.entries()) {
    // How many lines so far end where: a Fenwick tree, as there may be very many.
    const length = layers[i + 1]?.length ?? 0;
    const sums = new Uint32Array(length + 1);
    let lines = 0;
    for (const { after } of layer) {
      for (const { at } of after) {
        total += lines;
        for (let p = at + 1; p > 0; p -= p & -p) total -= Number(sums[p]);
      }
      for (const { at } of after) {
        for (let p = at + 1; p <= length; p += p & -p) sums[p] = Number(sums[p]) + 1;
      }
      lines += after.size;
    }
  }
  return total;
}

/** Gives everything its place, and says how large all is. @param {Unit[][]} layers */
export function spread(layers) {
  for (const layer of layers) move(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isBack = sweep % 2 === 1;
    const isLast = sweep >= SWEEPS - 2;
    for (const layer of isBack ? layers.toReversed() : layers) {
      for (const unit of layer) {
        const { before, after, y } = unit;
        unit.wish = mean(isLast ? [...before, ...after] : isBack ? after : before, "y") ?? y;
      }
      move(layer);
    }
  }
  const all = layers.flat();
  const top = all.reduce((least, { y, height }) => Math.min(least, y - height / 2), Infinity);
  const bottom = all.reduce((most, { y, height }) => Math.max(most, y + height / 2), -Infinity);
  let x = MARGIN;
  for (const layer of layers) {
    const right = x + layer.reduce((most, { width }) => Math.max(most, width), 0);
    for (const unit of layer) {
      unit.x = x;
      unit.right = right;
      unit.y += MARGIN - top;
    }
    x = right + COLUMN_GAP;
  }
  return { width: x - COLUMN_GAP + MARGIN, height: bottom - top + 2 * MARGIN };
}

/**
 * Moves what is in a column to where it wishes to be, or as near as what is beside it allows: the sum of the squares
 * of what it misses is the least.
 *
 * @param {Unit[]} layer
 */
function move(layer) {
  /** What stands close together, and moves together. @type {{ sum: number, weight: number, count: number }[]} */
  const runs = [];
  let end = 0;
  for (const unit of layer) {
    unit.offset = end + unit.height / 2;
    end += unit.height + GAP;
    const weight = unit.ids.length === 0 ? STRAIGHT : 1;
    let run = { sum: (unit.wish - unit.offset) * weight, weight, count: 1 };
    for (
      let last = runs.at(-1);
      last && last.sum / last.weight > run.sum / run.weight;
      last = runs.at(-1)
    ) {
      run = {
        sum: last.sum + run.sum,
        weight: last.weight + run.weight,
        count: last.count + run.count,
      };
      runs.pop();
    }
    runs.push(run);
  }
  let at = 0;
  for (const { sum, weight, count } of runs) {
    for (const unit of layer.slice(at, at += count)) unit.y = sum / weight + unit.offset;
  }
}
