/** The email service: what came in by SMTP, and what became of mail that was refused. */

import { deepEqual, equal, match, notEqual, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readdir, readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { sqliteStore } from "../../../mod.ts";
import { address, messageOf } from "../../../examples/apps/email-service/message.ts";
import { sendMail, SmtpError } from "../../../examples/apps/email-service/smtp_client.ts";
import { startMailServer } from "../../../examples/apps/email-service/smtp_server.ts";
import { runApp, TempFolder } from "./support.ts";

interface Received {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The mails of an inbox, by their ids. */
async function received(folder: string): Promise<Map<string, Received>> {
  const mails = new Map<string, Received>();
  for (const name of await readdir(folder)) {
    const [head = "", body = ""] = (await readFile(join(folder, name), "utf8")).split("\r\n\r\n");
    const headers = new Map(
      head.replaceAll("\r\n ", " ").split("\r\n").map((line) => {
        const at = line.indexOf(": ");
        return [line.slice(0, at).toLowerCase(), line.slice(at + 2)];
      }),
    );
    const id = headers.get("message-id") ?? "";
    equal(mails.has(id), false, `${id} came twice`);
    mails.set(id, { headers, body: Buffer.from(body, "base64").toString() });
  }
  return mails;
}

/** Undoes RFC 2047. */
function decoded(text = ""): string {
  return text.split(" ").map((word) => {
    const [, base64] = /^=\?utf-8\?B\?(.*)\?=$/.exec(word) ?? [];
    return base64 === undefined ? word : Buffer.from(base64, "base64").toString();
  }).join("");
}

describe("examples/apps/email-service", () => {
  it("sends each mail once, also when it is run again", async () => {
    await using folder = await TempFolder.make();
    const inbox = join(folder.path, "inbox");
    const first = await runApp("email-service", { args: [folder.path] });
    const mails = await received(inbox);
    deepEqual(
      [...mails].map(([id, { headers }]) => [id, headers.get("delivered-to")]).sort(),
      [
        ["<newsletter-7-ada@shop.example>", "ada@mail.example"],
        ["<newsletter-7-busy@shop.example>", "busy@mail.example"],
        ["<newsletter-7-grace@shop.example>", "grace@mail.example"],
        ["<reset-1001@shop.example>", "ada@mail.example"],
      ],
    );
    const { headers, body } = mails.get("<newsletter-7-busy@shop.example>")!;
    equal(headers.get("return-path"), "<orders@shop.example>");
    equal(headers.get("from"), "orders@shop.example");
    equal(headers.get("to"), "busy@mail.example");
    equal(decoded(headers.get("subject")), "Crème brûlée is back in October");
    match(headers.get("date")!, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/);
    equal(body, "Hello busy,\n\nthe new catalogue is here.\n");
    match(first.stdout, /^newsletter-7-busy: 250 taken \(attempts: 3\)$/m);
    match(first.stdout, /^newsletter-7-nobody: dead_letter \(attempts: 1\)$/m);
    match(first.stdout, /^reset-1001: 250 taken \(was enqueued before\)$/m);

    const second = await runApp("email-service", { args: [folder.path] });
    equal((await readdir(inbox)).length, 4);
    equal(second.stdout.match(/was enqueued before/g)?.length, 6);

    await using store = sqliteStore(join(folder.path, "gqm.db"));
    await store.open();
    const { jobs } = await store.list({ status: "dead_letter", limit: 10 });
    deepEqual(
      jobs.map(({ id, error }) => [id, error]),
      [["newsletter-7-nobody", "RCPT was answered with 550 no such mailbox"]],
    );
  });

  it("takes no address that would say more to the mail server", () => {
    for (const to of ["a@b\r\nRCPT TO:<c@d>", "a b@c", "<a@b>", "ada", ""]) {
      let thrown: unknown;
      try {
        address(to);
      } catch (error) {
        thrown = error;
      }
      notEqual(thrown, undefined, to);
    }
  });

  it("writes lines of at most 76 characters, whatever the subject", () => {
    const subject = "Zoë: 日本語 ".repeat(20) + "\r\nBcc: eve@mail.example";
    const message = messageOf(
      { to: "a@b", subject, text: "ß".repeat(500) },
      "c@d",
      "1",
      new Date(0),
    );
    const lines = message.split("\r\n");
    equal(lines.every((line) => line.length <= 76), true);
    equal(lines.some((line) => line.startsWith("Bcc")), false);
    const from = lines.findIndex((line) => line.startsWith("Subject: "));
    const to = lines.findIndex((line) => line.startsWith("Date: "));
    equal(decoded(lines.slice(from, to).join("").slice("Subject: ".length)), subject);
  });

  it("keeps lines that begin with a dot", async () => {
    await using folder = await TempFolder.make();
    await using server = await startMailServer(folder.path);
    const { signal } = new AbortController();
    const message = "Subject: dots\r\n\r\n.\r\n..two\r\nend\r\n";
    equal(await sendMail(server.url, { from: "a@b", to: "c@d", message }, signal), "250 taken");
    const [name] = await readdir(folder.path);
    const text = await readFile(join(folder.path, name!), "utf8");
    equal(text.endsWith(message), true, JSON.stringify(text));
    const refused = await sendMail(server.url, { from: "a@b", to: "nobody@d", message }, signal)
      .catch((error) => error);
    equal(refused instanceof SmtpError && refused.code, 550);
  });

  it("ends a conversation with a server that says nothing when the signal aborts", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const aborting = new AbortController();
    silent.once("connection", () => aborting.abort());
    const envelope = { from: "a@b", to: "c@d", message: "" };
    await rejects(sendMail(new URL(`smtp://127.0.0.1:${port}`), envelope, aborting.signal));
    await new Promise((resolve) => silent.close(resolve));
  });
});
