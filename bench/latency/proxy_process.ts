/**
 * A TCP proxy that delivers everything later by a constant time, in order, and without a limit of
 * bandwidth. Prints its port; ends with its standard input.
 *
 *   deno run -A bench/latency/proxy_process.ts PORT MILLISECONDS_EACH_WAY
 */

import process from "node:process";
import { alarmState, setAlarm, sharedNow } from "./alarm.ts";

/** Something to deliver: bytes, or the end. */
interface Parcel {
  readonly dueAt: number;
  deliver(): void;
}

/** Bytes of one direction of a connection that wait; above that, no more are read. */
const MOST_WAITING = 16 * 1024 * 1024;
const READ_BYTES = 64 * 1024;

const [port, delayMs] = process.argv.slice(2).map(Number) as [number, number];
const parcels: Parcel[] = []; // by due time, as all wait equally long
let next = 0;

const state = alarmState(new SharedArrayBuffer(16));
const thread = new Worker(new URL("./alarm_thread.ts", import.meta.url), { type: "module" });
thread.postMessage(state.isSet.buffer);
thread.onmessage = deliverDue;

function post(deliver: () => void): void {
  const dueAt = sharedNow() + delayMs;
  parcels.push({ dueAt, deliver });
  if (parcels.length - next === 1) setAlarm(state, dueAt);
}

function deliverDue(): void {
  while (next < parcels.length && parcels[next]!.dueAt <= sharedNow()) parcels[next++]!.deliver();
  if (next > 1000 || next === parcels.length) parcels.splice(0, next), next = 0;
  if (parcels.length > 0) setAlarm(state, parcels[next]!.dueAt);
}

/** Carries one direction until it ends, then closes both connections. */
async function carry(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(READ_BYTES);
  let waiting = 0;
  let written: Promise<unknown> = Promise.resolve();
  let onRoom = (): void => {};
  while (true) {
    const size = await from.read(buffer).catch(() => null);
    if (size === null) break;
    const bytes = buffer.slice(0, size);
    waiting += size;
    post(() => {
      written = written.then(() => writeAll(to, bytes)).catch(() => {}).then(() => {
        waiting -= size;
        onRoom();
      });
    });
    while (waiting > MOST_WAITING) await new Promise<void>((resolve) => onRoom = resolve);
  }
  post(() => written.then(() => [from, to].forEach(close)));
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += await to.write(bytes.subarray(done));
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // the other direction has closed it
  }
}

async function accept(client: Deno.TcpConn): Promise<void> {
  try {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const connection of [client, server]) connection.setNoDelay(true);
    await Promise.all([carry(client, server), carry(server, client)]);
  } catch {
    close(client); // there is no server
  }
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
process.stdin.on("end", () => process.exit(0)).resume();
for await (const client of listener) accept(client);
