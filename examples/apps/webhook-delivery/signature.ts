/** What makes a delivery believable: an HMAC of its id, its time and its body, by WebCrypto alone. */

/** Most seconds between the signature and its check: what somebody recorded is worthless afterwards. */
const TOLERANCE_S = 300;
const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** Names of the headers. */
export const headerNames = {
  id: "x-webhook-id",
  timestamp: "x-webhook-timestamp",
  signature: "x-webhook-signature",
} as const;

/** The headers of one delivery. The id is the same at each try; the time is not. */
export async function sign(
  id: string,
  body: string,
  secret: string,
): Promise<Record<string, string>> {
  const timestamp = String(nowInSeconds());
  const signed = await crypto.subtle.sign(HMAC, await keyOf(secret), bytes(id, timestamp, body));
  return {
    [headerNames.id]: id,
    [headerNames.timestamp]: timestamp,
    [headerNames.signature]: new Uint8Array(signed).reduce(
      (hex, byte) => hex + byte.toString(16).padStart(2, "0"),
      "",
    ),
  };
}

/** Whether the sender has the secret and signed not long ago. `verify` takes equally long for all that is wrong. */
export async function isGenuine(headers: Headers, body: string, secret: string): Promise<boolean> {
  const [id, timestamp, signature] = [
    headerNames.id,
    headerNames.timestamp,
    headerNames.signature,
  ].map((name) => headers.get(name) ?? "") as [string, string, string];
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  if (!(Math.abs(nowInSeconds() - Number(timestamp)) <= TOLERANCE_S)) return false;
  const given = Uint8Array.from(signature.match(/../g)!, (pair) => Number.parseInt(pair, 16));
  return await crypto.subtle.verify(HMAC, await keyOf(secret), given, bytes(id, timestamp, body));
}

function keyOf(secret: string): Promise<CryptoKey> {
  const raw = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", raw, HMAC, false, ["sign", "verify"]);
}

function bytes(...parts: string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(parts.join("."));
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
