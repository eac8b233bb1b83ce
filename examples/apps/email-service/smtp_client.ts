/**
 * Hands one message to a mail server. Enough for one in the same network: no TLS and no login. For
 * others put a library of your choice here; the handler needs the reply's code and no more.
 */

import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** The server said no. */
export class SmtpError extends Error {
  override readonly name = "SmtpError";
  /** 400 to 499: not now. 500 to 599: never. */
  readonly code: number;

  constructor(command: string, reply: string) {
    super(`${command.split(/[ :]/)[0]} was answered with ${reply}`);
    this.code = Number(reply.slice(0, 3));
  }
}

/** What to send, and to whom. */
export interface Envelope {
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

/**
 * Sends it, and gives what the server said when it took it.
 *
 * @param server As `smtp://HOST:PORT`.
 * @throws {SmtpError} If the server refused.
 */
export async function sendMail(
  server: URL,
  { from, to, message }: Envelope,
  signal: AbortSignal,
): Promise<string> {
  const socket = connect({ host: server.hostname, port: Number(server.port || 25), signal });
  try {
    const replies = repliesOf(socket);
    await expect(replies, "connect", 220);
    const say = async (command: string, code: number): Promise<string> => {
      socket.write(`${command}\r\n`);
      return await expect(replies, command, code);
    };
    await say("EHLO shop.example", 250);
    await say(`MAIL FROM:<${from}>`, 250);
    await say(`RCPT TO:<${to}>`, 250);
    await say("DATA", 354);
    // A line that begins with a dot gets another one, as a dot alone ends the message.
    const taken = await say(`${message.replaceAll(/^\./gm, "..")}.`, 250);
    socket.write("QUIT\r\n");
    return taken;
  } finally {
    socket.destroy();
  }
}

/** Replies, each as its last line: those before it have a hyphen behind the code. */
async function* repliesOf(socket: Socket): AsyncGenerator<string, void> {
  const failed = new Promise<never>((_, reject) => socket.once("error", reject));
  failed.catch(() => {});
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await Promise.race([lines.next(), failed]);
    if (done) return;
    if (value[3] !== "-") yield value;
  }
}

async function expect(
  replies: AsyncGenerator<string, void>,
  command: string,
  code: number,
): Promise<string> {
  const { value } = await replies.next();
  if (typeof value !== "string") throw new SmtpError(command, "421 connection closed");
  if (!value.startsWith(`${code}`)) throw new SmtpError(command, value);
  return value;
}
