/**
 * Who is at the other end of a connection.
 *
 * @module
 */

/**
 * What a runtime tells of a connection: Deno gives an object with `remoteAddr`, Bun its server,
 * which is asked, and other code may give the address as a text.
 */
export interface ConnectionInfo {
  /** Address of the other end. */
  readonly remoteAddr?: string | { readonly hostname?: string; readonly transport?: string };
  /** Bun's way to tell the address of a request. */
  requestIP?(request: Request): { readonly address: string } | null;
  /** Aborts when the server closes: answers that have no end then end. */
  readonly closing?: AbortSignal;
}

/** The address of the other end; undefined if nobody knows it. */
export function peerOf(request: Request, info: ConnectionInfo | undefined): string | undefined {
  const given = info?.remoteAddr;
  if (typeof given === "string") return bare(given);
  if (typeof given === "object" && given !== null) {
    if (typeof given.hostname === "string") return bare(given.hostname);
    // A socket of the file system: only this machine can reach it.
    return given.transport?.startsWith("unix") ? "127.0.0.1" : undefined;
  }
  if (typeof info?.requestIP !== "function") return undefined;
  const found = info.requestIP(request);
  return found === null ? undefined : bare(found.address);
}

/**
 * The client's address, as the trusted proxies tell it: each adds the address of the one that it
 * was asked by to the end of `X-Forwarded-For`.
 *
 * @param peer Address of the other end of the connection.
 * @param proxies How many proxies stand in front; 0 for none.
 */
export function clientOf(
  request: Request,
  peer: string | undefined,
  proxies: number,
): string | undefined {
  if (proxies === 0) return peer;
  const list = (request.headers.get("x-forwarded-for") ?? "").split(",").map((one) => one.trim());
  const told = withoutPort(list[list.length - proxies] ?? "");
  return isAddress(told) ? bare(told) : peer;
}

/** Headers in which proxies tell who asked them. */
const CLIENT_HEADERS: readonly string[] = [
  ...["x-forwarded-for", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"],
];

/** Whether a proxy says that it was asked by another machine than this, or by a name that is not its own. */
export function isForwarded({ headers }: Request): boolean {
  const told = CLIENT_HEADERS.flatMap((name) => headers.get(name)?.split(",") ?? []);
  const hosts = headers.get("x-forwarded-host")?.split(",") ?? [];
  return headers.has("forwarded") ||
    told.some((address) => !isLoopback(bare(withoutPort(address.trim())))) ||
    hosts.some((host) => !isLoopbackHost(host.trim().replace(/:\d+$/, "")));
}

/**
 * What stands for a client where clients are counted: its address, or of one of IPv6 the network of
 * 64 bits, since whoever has one such address has all of them.
 */
export function networkOf(client: string): string {
  if (!client.includes(":")) return client;
  const [head = "", tail] = client.split("%")[0]!.split("::");
  const [before, after] = [head, tail ?? ""].map((part) => part === "" ? [] : part.split(":"));
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before!.length - after!.length);
  const groups = [...before!, ...Array<string>(zeros).fill("0"), ...after!];
  return `${groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

/** Whether an address is of this machine: 127/8 or ::1. */
export function isLoopback(address: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(address) || address === "::1";
}

/** Whether a host of a URL is surely this machine: an address of it, or `localhost`. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || isLoopback(name);
}

function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ||
    /^\[?(?=.*:)[0-9a-fA-F:.]{2,45}\]?$/.test(text);
}

/** Some proxies tell the port too, which is another one for each connection. */
function withoutPort(told: string): string {
  return /^(\d+\.\d+\.\d+\.\d+|\[.*\]):\d+$/.exec(told)?.[1] ?? told;
}

/** An address without brackets, and one of IPv4 without its clothes of IPv6. */
function bare(address: string): string {
  const plain = address.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return plain.replace(/^::ffff:(\d+\.\d+\.\d+\.\d+)$/, "$1");
}
