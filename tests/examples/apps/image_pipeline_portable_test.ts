/** The image pipeline: the files that it makes, read by another reader than its own. */

import { deepEqual, equal, match, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { deflateSync, inflateSync } from "node:zlib";
import { decodePng, encodePng } from "../../../examples/apps/image-pipeline/png.ts";
import { draw, pixel, type Raster } from "../../../examples/apps/image-pipeline/raster.ts";
import { runApp, TempFolder } from "./support.ts";

/** CRC-32 as the PNG specification has it, a bit at a time. */
function crcOf(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** A chunk of a PNG. */
function chunk(type: string, data: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from(type), data]);
  const ends = [Buffer.alloc(4), Buffer.alloc(4)] as const;
  ends[0].writeUInt32BE(data.length);
  ends[1].writeUInt32BE(crcOf(content));
  return Buffer.concat([ends[0], content, ends[1]]);
}

/** Reads a PNG of three chunks without filters, and checks all that it says. */
function readPlain(file: Buffer): Raster {
  equal(file.toString("latin1", 0, 8), "\x89PNG\r\n\x1a\n");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const content = file.subarray(at + 4, at + 8 + length);
    equal(file.readUInt32BE(at + 8 + length), crcOf(content));
    chunks.set(content.toString("latin1", 0, 4), content.subarray(4));
    at += 12 + length;
  }
  deepEqual([...chunks.keys()], ["IHDR", "IDAT", "IEND"]);
  const head = chunks.get("IHDR")!;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  deepEqual([...head.subarray(8)], [8, 2, 0, 0, 0]);
  const lines = inflateSync(chunks.get("IDAT")!);
  equal(lines.length, height * (width * 3 + 1));
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const at = y * (width * 3 + 1);
    equal(lines[at], 0);
    rgb.set(lines.subarray(at + 1, at + 1 + width * 3), y * width * 3);
  }
  return { width, height, rgb };
}

describe("examples/apps/image-pipeline", () => {
  it("writes small and marked images, a sheet and a page, and tells what is missing", async () => {
    await using folder = await TempFolder.make();
    const { stdout } = await runApp("image-pipeline", { args: [folder.path] });
    match(stdout, /^5 images on a sheet of 512 x 264$/m);
    match(stdout, /^1 missing: torn\.png: the PNG ends too early$/m);

    const names = ["amber.png", "coral.png", "ivory.png", "plum.png", "teal.png"];
    for (const kind of ["small", "marked"]) {
      deepEqual((await readdir(join(folder.path, kind))).sort(), names); // no part of a file is left
    }
    const read = async (...path: string[]): Promise<Raster> =>
      readPlain(await readFile(join(folder.path, ...path)));

    const original = await read("originals", "coral.png");
    deepEqual([original.width, original.height], [640, 480]);
    const small = await read("small", "coral.png");
    deepEqual([small.width, small.height], [160, 120]);
    deepEqual(pixel(small, 80, 50), [255, 127, 80]); // the sun
    deepEqual(pixel(small, 150, 110), [40, 90, 50]); // the ground
    // The sky's blue is 160 plus a quarter of its line: lines 40 to 43 are one here.
    deepEqual(pixel(small, 5, 10), [90, 140, 170]);

    const marked = await read("marked", "coral.png");
    deepEqual(pixel(marked, 80, 50), [255, 127, 80]);
    // The letter's upper line begins a dot of 4 pixels from its left edge, which is 24 from the right.
    deepEqual(pixel(marked, 136 + 5, 96 + 1), [147, 172, 152]);
    deepEqual(pixel(marked, 136 + 1, 96 + 1), [40, 90, 50]);

    const sheet = await read("sheet.png");
    deepEqual([sheet.width, sheet.height], [512, 264]);
    deepEqual(pixel(sheet, 3, 3), [245, 245, 245]);
    const suns = [[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1]].map(([column = 0, row = 0]) =>
      pixel(sheet, 8 + column * 168 + 80, 8 + row * 128 + 50)
    );
    deepEqual(suns, [
      [255, 191, 0],
      [255, 127, 80],
      [255, 255, 240],
      [142, 69, 133],
      [0, 128, 128],
      [245, 245, 245], // five images: the last place is paper
    ]);

    const page = await readFile(join(folder.path, "index.html"), "utf8");
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link!);
    deepEqual(links, [...names.map((name) => `marked/${name}`), "sheet.png"]);
    for (const link of links) await access(join(folder.path, link));
    match(page, /5 images, 1 missing/);
  });

  it("reads PNGs of others, whose lines are filtered", () => {
    const image = draw(7, 5, (x, y) => [x * 30, y * 40, (x * 7 + y * 13) % 256]);
    const stride = image.width * 3;
    const head = Buffer.from(encodePng(image).subarray(16, 29));
    const filtered = Buffer.alloc(image.height * (stride + 1));
    for (let y = 0; y < image.height; y++) {
      filtered[y * (stride + 1)] = y; // each of the five filters once
      for (let x = 0; x < stride; x++) {
        const at = (u: number, v: number): number =>
          u < 0 || v < 0 ? 0 : image.rgb[v * stride + u]!;
        const [a, b, c] = [at(x - 3, y), at(x, y - 1), x < 3 ? 0 : at(x - 3, y - 1)];
        const p = a + b - c;
        const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
        const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
        const guess = [0, a, b, (a + b) >> 1, paeth][y]!;
        filtered[y * (stride + 1) + 1 + x] = at(x, y) - guess;
      }
    }
    const file = Buffer.concat([
      encodePng(image).subarray(0, 8),
      chunk("IHDR", head),
      chunk("tEXt", Buffer.from("Comment\0two parts follow")),
      ...[deflateSync(filtered)].flatMap((data) => [
        chunk("IDAT", data.subarray(0, 9)),
        chunk("IDAT", data.subarray(9)),
      ]),
      chunk("IEND", Buffer.alloc(0)),
    ]);
    deepEqual(decodePng(file), image);
  });

  it("refuses what is damaged, and what would unpack to more than it says", () => {
    const file = encodePng(draw(4, 4, () => [1, 2, 3]));
    const broken = Buffer.from(file);
    broken[45]! ^= 1;
    const bomb = Buffer.concat([
      file.subarray(0, 33),
      chunk("IDAT", deflateSync(Buffer.alloc(1_000_000))),
      chunk("IEND", Buffer.alloc(0)),
    ]);
    const cases: readonly Buffer[] = [
      Buffer.alloc(0),
      Buffer.from("GIF89a"),
      file.subarray(0, 8),
      file.subarray(0, 40),
      file.subarray(0, file.length - 12),
      broken,
      bomb,
    ];
    for (const [i, bytes] of cases.entries()) throws(() => decodePng(bytes), Error, `case ${i}`);
  });
});
