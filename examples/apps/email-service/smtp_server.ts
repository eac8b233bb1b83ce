/**
 * A mail server for trying things out: it listens on this machine alone and writes each mail that it
 * takes into a folder. `busy@` is told to come back later, twice; there is nobody called `nobody@`.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A mail server that runs. */
export interface MailServer extends AsyncDisposable {
  readonly url: URL;
}

/** Starts it. @param inbox Folder for what it takes, as `.eml` files. */
export async function startMailServer(inbox: string): Promise<MailServer> {
  await mkdir(inbox, { recursive: true });
  const busy = new Map<string, number>();
  const sockets = new Set<Socket>();

  const answerTo = (recipient: string): string => {
    if (recipient.startsWith("nobody@")) return "550 no such mailbox";
    const before = busy.get(recipient) ?? 0;
    if (!recipient.startsWith("busy@") || before === 2) return "250 ok";
    busy.set(recipient, before + 1);
    return "451 greylisted, try again later";
  };

  const server = createServer(async (socket) => {
    sockets.add(socket.once("close", () => sockets.delete(socket)));
    socket.on("error", () => {}); // a client that went away
    const say = (reply: string): boolean => socket.write(`${reply}\r\n`);
    let data: string[] | undefined;
    let [from, to] = ["", ""];
    say("220 inbox.example ready");
    for await (const line of createInterface(socket)) {
      if (data !== undefined) {
        if (line !== ".") {
          data.push(line.replace(/^\./, ""));
          continue;
        }
        const eml = [`Return-Path: <${from}>`, `Delivered-To: ${to}`, ...data, ""].join("\r\n");
        data = undefined;
        await writeFile(join(inbox, `${crypto.randomUUID()}.eml`), eml);
        say("250 taken");
      } else if (line.startsWith("EHLO")) say("250-inbox.example\r\n250 8BITMIME");
      else if (line.startsWith("MAIL FROM:")) {
        from = line.slice("MAIL FROM:".length).replaceAll(/[<>]/g, "");
        say("250 ok");
      } else if (line.startsWith("RCPT TO:")) {
        to = line.slice("RCPT TO:".length).replaceAll(/[<>]/g, "");
        say(answerTo(to));
      } else if (line === "DATA") {
        data = [];
        say("354 end with a dot");
      } else if (line === "QUIT") socket.end("221 bye\r\n");
      else say("502 not known");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`smtp://127.0.0.1:${port}`),
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
