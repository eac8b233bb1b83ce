/** Some images to begin with, drawn by the program, and one that is damaged. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePng } from "./png.ts";
import { type Colour, draw } from "./raster.ts";

const SUNS: Readonly<Record<string, Colour>> = {
  amber: [255, 191, 0],
  coral: [255, 127, 80],
  ivory: [255, 255, 240],
  plum: [142, 69, 133],
  teal: [0, 128, 128],
};

/** Writes them into a folder and gives their names. */
export async function writeSamples(folder: string): Promise<string[]> {
  const [width, height] = [640, 480];
  const files = Object.entries(SUNS).map(([name, sun]) => {
    const image = draw(width, height, (x, y) => {
      if ((x - 320) ** 2 + (y - 200) ** 2 < 120 ** 2) return sun;
      return y > 360 ? [40, 90, 50] : [90, 140, 160 + Math.floor(y / 4)];
    });
    return [`${name}.png`, encodePng(image)] as const;
  });
  const [, whole] = files[0]!;
  const all = [...files, ["torn.png", whole.subarray(0, whole.length / 2)] as const];
  for (const [name, content] of all) await writeFile(join(folder, name), content);
  return all.map(([name]) => name);
}
