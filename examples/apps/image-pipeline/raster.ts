/** Images as numbers, and what can be done to them. */

/** An image: three bytes for each pixel, red, green and blue, line by line. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** A colour: red, green, blue. */
export type Colour = readonly [number, number, number];

/** Makes an image of what a function says of each pixel. */
export function draw(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => Colour,
): Raster {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rgb.set(colourAt(x, y), (y * width + x) * 3);
  }
  return { width, height, rgb };
}

/** The colour of a pixel. */
export function pixel({ width, rgb }: Raster, x: number, y: number): Colour {
  const at = (y * width + x) * 3;
  return [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
}

/** Makes it smaller: each pixel is the average of those that it stands for. */
export function shrink(image: Raster, width: number): Raster {
  const scale = image.width / width;
  const height = Math.max(1, Math.round(image.height / scale));
  return draw(width, height, (x, y) => {
    const [left, top] = [Math.floor(x * scale), Math.floor(y * scale)];
    const right = Math.min(image.width, Math.max(left + 1, Math.floor((x + 1) * scale)));
    const bottom = Math.min(image.height, Math.max(top + 1, Math.floor((y + 1) * scale)));
    const sum = [0, 0, 0];
    for (let v = top; v < bottom; v++) {
      for (let u = left; u < right; u++) {
        pixel(image, u, v).forEach((part, i) => sum[i]! += part);
      }
    }
    const count = (right - left) * (bottom - top);
    return sum.map((part) => Math.round(part / count)) as unknown as Colour;
  });
}

const LETTER = [" XXX ", "X    ", "X  XX", "X   X", " XXX "];

/** Puts a letter, half transparent, into the lower right corner. */
export function mark(image: Raster): Raster {
  const dot = Math.max(1, Math.floor(image.width / 40));
  const left = image.width - dot * 6;
  const top = image.height - dot * 6;
  return draw(image.width, image.height, (x, y) => {
    const colour = pixel(image, x, y);
    const isInk = LETTER[Math.floor((y - top) / dot)]?.[Math.floor((x - left) / dot)] === "X";
    return isInk ? colour.map((part) => (part + 255) >> 1) as unknown as Colour : colour;
  });
}

const GAP = 8;
const PAPER: Colour = [245, 245, 245];

/** Puts images side by side, row by row. All take as much room as the largest. */
export function sheet(images: readonly Raster[], columns: number): Raster {
  const cellWidth = Math.max(1, ...images.map(({ width }) => width)) + GAP;
  const cellHeight = Math.max(1, ...images.map(({ height }) => height)) + GAP;
  const rows = Math.max(1, Math.ceil(images.length / columns));
  return draw(columns * cellWidth + GAP, rows * cellHeight + GAP, (x, y) => {
    const column = Math.floor((x - GAP) / cellWidth);
    const row = Math.floor((y - GAP) / cellHeight);
    const image = column < 0 || row < 0 ? undefined : images[row * columns + column];
    const [u, v] = [x - GAP - column * cellWidth, y - GAP - row * cellHeight];
    if (image === undefined || u >= image.width || v >= image.height) return PAPER;
    return pixel(image, u, v);
  });
}
