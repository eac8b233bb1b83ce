/**
 * What it costs the store that many look on: commands per second that a monitor sends to Redis with one
 * stream of events and with a thousand, while jobs run elsewhere.
 *
 *   deno run -A $(deno run -A tools/std.ts) bench/monitor/live.ts [deno|bun|node]
 *     [--viewers N] [--seconds N] [--rate JOBS_PER_SECOND]
 *
 * Exits with 1 if they differ by 5 % or more.
 */

import { connect, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "@std/cli/parse-args";
import { Redis } from "ioredis";
import { Client, Server } from "../../mod.ts";
import { markdownTable } from "../markdown_table.ts";
import { OwnRedis } from "../redis/own_redis.ts";
import { machine } from "../stores.ts";
import { type Served, start } from "./start.ts";

const MOST_DIFFERENCE = 0.05;
const PROCESS = join(import.meta.dirname ?? ".", "live_process.ts");
/** So long they look on before it is measured. */
const SETTLE_MS = 5000;
/** `getconf CLK_TCK` of every Linux of today. */
const TICKS_PER_SECOND = 100;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Looks on, and throws away what comes; resolves when something does. */
async function look(url: string, seen: { bytes: number }): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await new Promise<void>((resolve, reject) => {
    socket.once("data", (head) => {
      if (String(head).startsWith("HTTP/1.1 200 ")) resolve();
      else reject(new Error(`Cannot look on as the monitor must let in: ${head}`));
    });
    socket.once("error", reject);
  });
  socket.on("data", (piece) => seen.bytes += piece.length);
  return socket;
}

/** Enqueues jobs at a steady rate, and runs them. */
async function load(url: string, perSecond: number): Promise<AsyncDisposable> {
  const server = new Server({ store: url, logLevel: "error" });
  server.handle("tick", () => "tock");
  await server.start();
  const client = new Client({ store: url });
  await client.enqueue("tick", {});
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = (performance.now() - began) / 1000 * perSecond;
    for (; sent < due; sent++) client.enqueue("tick", { sent }).catch(() => {});
  }, 20);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await server.stop();
      await client.close();
    },
  };
}

async function addresses(redis: Redis): Promise<string[]> {
  const list = await redis.client("LIST") as string;
  return [...list.matchAll(/\baddr=(\S+)/g)].map(([, address]) => address!);
}

/** Hears of each command, from where it comes. What scripts do inside has no address. */
function eachCommand(url: string, heard: (address: string) => void): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write("MONITOR\r\n");
  const lines = createInterface(socket);
  lines.on("line", (line) => {
    const [, address] = /^\+\S+ \[\d+ (\S+:\d+)\]/.exec(line) ?? [];
    if (address !== undefined) heard(address);
  });
  return socket;
}

/** Milliseconds of CPU and MiB that a process has used; NaN where nobody tells. */
async function usage(pid: number): Promise<{ cpuMs: number; mib: number }> {
  try {
    const stat = (await Deno.readTextFile(`/proc/${pid}/stat`)).replace(/^.*\) /, "").split(" ");
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const kib = Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1]);
    const ticks = Number(stat[11]) + Number(stat[12]);
    return { cpuMs: ticks / TICKS_PER_SECOND * 1000, mib: kib / 1024 };
  } catch {
    return { cpuMs: NaN, mib: NaN };
  }
}

/** What a monitor does while some look on. */
interface Measured {
  readonly viewers: number;
  /** Commands that it sends. */
  readonly perSecond: number;
  readonly cpuPercent: number;
  readonly mib: number;
  /** What each of those who look on gets. */
  readonly bytesPerSecond: number;
}

const { _: [runtime = "deno"], viewers, seconds, rate } = parseArgs(Deno.args, {
  string: ["viewers", "seconds", "rate"],
  default: { viewers: "1000", seconds: "30", rate: "200" },
});

await using redis = await OwnRedis.start();
const control = new Redis(redis.url);
await using _load = await load(redis.url, Number(rate));
const others = new Set(await addresses(control));
await using monitor: Served = await start(String(runtime), PROCESS, redis.url);

let commands = 0;
const listener = eachCommand(redis.url, (address) => {
  if (!others.has(address)) commands++;
});

const seen = { bytes: 0 };
const sockets: Socket[] = [];

async function measure(count: number): Promise<Measured> {
  while (sockets.length < count) {
    const more = Math.min(50, count - sockets.length);
    sockets.push(
      ...await Promise.all(Array.from({ length: more }, () => look(monitor.url, seen))),
    );
  }
  await sleep(SETTLE_MS);
  const before = {
    at: performance.now(),
    commands,
    bytes: seen.bytes,
    ...await usage(monitor.pid),
  };
  await sleep(Number(seconds) * 1000);
  const after = await usage(monitor.pid);
  const passed = (performance.now() - before.at) / 1000;
  return {
    viewers: count,
    perSecond: (commands - before.commands) / passed,
    cpuPercent: (after.cpuMs - before.cpuMs) / passed / 10,
    mib: after.mib,
    bytesPerSecond: (seen.bytes - before.bytes) / passed / count,
  };
}

const [one, many] = [await measure(1), await measure(Number(viewers))];
const difference = Math.abs(many.perSecond / one.perSecond - 1);
const rows = [one, many].map(({ viewers, perSecond, cpuPercent, mib, bytesPerSecond }) => [
  ...[String(viewers), perSecond.toFixed(2), cpuPercent.toFixed(1), mib.toFixed(0)],
  bytesPerSecond.toFixed(0),
]);
const heads = ["viewers", "commands/s", "CPU %", "MiB", "bytes/s each"];
console.log(`\n## Streams of events of a monitor on ${runtime}, ${rate} jobs/s elsewhere\n`);
console.log(`${machine()}, ${seconds} s each\n`);
console.log(markdownTable(heads, rows));
const perViewer = (many.mib - one.mib) * 1024 / (many.viewers - one.viewers);
console.log(
  `\nThe commands differ by ${(difference * 100).toFixed(1)} %, and must by less than ` +
    `${MOST_DIFFERENCE * 100} %. A viewer takes ${perViewer.toFixed(1)} KiB.`,
);
for (const socket of sockets) socket.destroy();
listener.destroy();
control.disconnect();
process.exitCode = difference < MOST_DIFFERENCE ? 0 : 1;
