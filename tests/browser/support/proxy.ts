/** A proxy that serves a monitor below a path of its own, which it takes away, as people set up nginx or Caddy. */

import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A proxy that listens. */
export interface Proxy extends AsyncDisposable {
  /** Where it listens, with the path, such as `http://127.0.0.1:40123/tools/gqm`. */
  readonly url: string;
}

/**
 * Serves what is at a URL below a path. Everything else is not there: whoever asks beside the path gets a 404.
 *
 * @param path Such as `/tools/gqm`.
 */
export async function startProxy(path: string, target: string): Promise<Proxy> {
  const server = createServer((asked, answer) => {
    const { url = "", method, headers, socket } = asked;
    if (!url.startsWith(`${path}/`)) {
      answer.writeHead(404).end("The proxy has nothing here");
      return;
    }
    const further = request(target + url.slice(path.length), {
      method,
      headers: { ...headers, "x-forwarded-for": socket.remoteAddress, "x-forwarded-proto": "http" },
      agent: false,
    });
    further.on("response", (told) => {
      answer.writeHead(told.statusCode!, told.rawHeaders);
      // A stream of events begins before it has anything to tell.
      answer.flushHeaders();
      told.pipe(answer);
      told.on("error", () => answer.destroy());
    });
    further.on("error", () => answer.destroy());
    answer.on("close", () => further.destroy());
    asked.pipe(further);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
