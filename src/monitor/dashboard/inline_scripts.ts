/**
 * The scripts that stand in a page, for a policy that allows these and no others.
 *
 * @module
 */

const SCRIPT = /<script\b([^>]*)>([\s\S]*?)<\/script\s*>/gi;

/** The hashes of a page's inline scripts, as a policy names them. */
export async function inlineScriptHashes(html: string): Promise<string[]> {
  // Browsers read a line's end as one character, however it is written.
  const texts = [...html.replaceAll(/\r\n?/g, "\n").matchAll(SCRIPT)]
    .filter(([, attributes]) => !/(?:^|[\s"'/])src\s*=/i.test(attributes!))
    .map(([, , text]) => text!);
  return await Promise.all(texts.map(async (text) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
  }));
}
