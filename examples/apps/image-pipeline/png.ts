/** Reads and writes PNG: 8 bits per colour, no transparency, not interlaced. */

import { Buffer } from "node:buffer";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { Raster } from "./raster.ts";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** 8 bits, red green and blue, and the only ways there are to compress, filter and order. */
const KIND = [8, 2, 0, 0, 0];

/** Writes an image as PNG. */
export function encodePng({ width, height, rgb }: Raster): Buffer {
  const stride = width * 3;
  const lines = Buffer.alloc(height * (stride + 1)); // each line begins with 0: no filter
  for (let y = 0; y < height; y++) {
    lines.set(rgb.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set(KIND, 8);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/**
 * Reads a PNG.
 *
 * @throws {RangeError} If it is damaged, or of a kind that is not read here.
 */
export function decodePng(file: Buffer): Raster {
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new RangeError("this is no PNG");
  let head: Buffer | undefined;
  const packed: Buffer[] = [];
  let at = SIGNATURE.length;
  for (let type = ""; type !== "IEND";) {
    if (at + 12 > file.length) throw new RangeError("the PNG ends too early");
    const end = at + 8 + file.readUInt32BE(at);
    if (end + 4 > file.length) throw new RangeError("the PNG ends too early");
    if (crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end)) {
      throw new RangeError("the PNG is damaged");
    }
    type = file.toString("latin1", at + 4, at + 8);
    const data = file.subarray(at + 8, end);
    if (type === "IHDR") head = data;
    if (type === "IDAT") packed.push(data);
    at = end + 4;
  }
  if (head === undefined || !head.subarray(8).equals(Buffer.from(KIND))) {
    throw new RangeError("PNGs of this kind are not read here");
  }
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const size = height * (width * 3 + 1);
  // Not a byte more than there are pixels: a small file could unpack to a very large one.
  const lines = inflateSync(Buffer.concat(packed), { maxOutputLength: size });
  if (lines.length !== size) throw new RangeError("the PNG ends too early");
  return { width, height, rgb: unfilter(lines, width * 3) };
}

/** Adds to each byte what its line's filter takes from its neighbours. */
function unfilter(lines: Buffer, stride: number): Uint8Array {
  const rgb = new Uint8Array(lines.length / (stride + 1) * stride);
  let to = 0;
  for (let at = 0; at < lines.length; at += stride + 1) {
    const filter = lines[at]!;
    for (let x = 0; x < stride; x++, to++) {
      const left = x < 3 ? 0 : rgb[to - 3]!;
      const up = rgb[to - stride] ?? 0;
      const corner = x < 3 ? 0 : rgb[to - stride - 3] ?? 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      rgb[to] = lines[at + 1 + x]! + guess;
    }
  }
  return rgb;
}

/** The neighbour that is closest to what the three of them suggest. */
function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const far = (value: number): number => Math.abs(guess - value);
  if (far(left) <= far(up) && far(left) <= far(corner)) return left;
  return far(up) <= far(corner) ? up : corner;
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, sum]);
}
