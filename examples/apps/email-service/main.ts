/**
 * An email service: what the shop enqueues is sent by SMTP, with retries when the mail server is busy
 * and a dead letter when it says never; urgent mail goes first, and nobody gets the same mail twice.
 *
 *     deno run -A examples/apps/email-service/main.ts [FOLDER]
 */

import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { Client, JobFailedError, Server, SkipRetry } from "../../../mod.ts";
import { jobs, type Mail } from "./jobs.ts";
import { address, messageOf } from "./message.ts";
import { sendMail, SmtpError } from "./smtp_client.ts";
import { startMailServer } from "./smtp_server.ts";

const FROM = "orders@shop.example";

const folder = resolve(process.argv[2] ?? "out/email-service");
await mkdir(folder, { recursive: true });
const store = process.env.GQM_STORE ?? `sqlite:${join(folder, "gqm.db")}`;

// With SMTP_URL the mail goes to a server of yours.
await using inbox = await startMailServer(join(folder, "inbox"));
const smtp = process.env.SMTP_URL ? new URL(process.env.SMTP_URL) : inbox.url;

await using server = new Server({ jobs, store, logLevel: "error" });

// Two queues in one pool: with `strict`, a newsletter waits while there is anything urgent.
server.pool({
  name: "mail",
  types: ["email.send"],
  queues: ["urgent", "bulk"],
  strategy: "strict",
  concurrency: 3,
});

server.handle("email.send", async ({ job, signal, log }) => {
  let message: string;
  try {
    message = messageOf(job.payload, FROM, job.id, new Date(job.createdAt));
  } catch (error) {
    throw new SkipRetry("the mail cannot be written", { cause: error });
  }
  try {
    // The signal ends the conversation at the time limit, at a cancel and at a shutdown.
    const reply = await sendMail(
      smtp,
      { from: FROM, to: address(job.payload.to), message },
      signal,
    );
    return { messageId: `<${job.id}@shop.example>`, reply };
  } catch (error) {
    if (!(error instanceof SmtpError)) throw error; // no connection: worth a retry
    await log(error.message);
    if (error.code >= 500) throw new SkipRetry(error.message, { cause: error });
    throw error; // 4xx: not now
  }
}, {
  timeoutMs: 30_000,
  maxRetry: 5,
  // A real mail server wants minutes here: { type: "exponential", baseMs: 60_000 }.
  backoff: { type: "exponential", baseMs: 50 },
});

await using client = new Client({ jobs, store });

/**
 * Enqueues a mail once. Its id says which mail it is: if the shop asks again, because a request was
 * repeated, it gets the job that is there already.
 */
function enqueueMail(id: string, queue: "urgent" | "bulk", mail: Mail) {
  return client.enqueue("email.send", mail, { id, queue, unique: true, onConflict: "existing" });
}

const readers = ["ada", "grace", "busy", "nobody"];
const mails = await Promise.all([
  ...readers.map((name) =>
    enqueueMail(`newsletter-7-${name}`, "bulk", {
      to: `${name}@mail.example`,
      subject: "Crème brûlée is back in October",
      text: `Hello ${name},\n\nthe new catalogue is here.\n`,
    })
  ),
  enqueueMail("reset-1001", "urgent", {
    to: "ada@mail.example",
    subject: "Reset your password",
    text: "Somebody asked for a new password.\n",
  }),
  // The browser sent the form twice.
  enqueueMail("reset-1001", "urgent", {
    to: "ada@mail.example",
    subject: "Reset your password",
    text: "Somebody asked for a new password.\n",
  }),
]);

await server.start();

for (const mail of mails) {
  const ended = await mail.result().then(
    ({ reply }) => reply,
    (error) => {
      if (error instanceof JobFailedError) return error.job.status;
      throw error;
    },
  );
  const attempts = (await mail.job())?.attempts.length ?? 0;
  const about = mail.isNew ? `attempts: ${attempts}` : "was enqueued before";
  console.log(`${mail.id}: ${ended} (${about})`);
}
