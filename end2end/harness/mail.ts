// The mail that Aviary sent: by SMTP to aiosmtpd where Python's venv is there, else as the .eml files that it writes.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { until } from "./until.ts";

export interface Mail {
  to: string;
  subject: string;
  /** The readable part. */
  text: string;
}

export class Mailbox {
  private constructor(
    private readonly folder: string,
    /** The value for AVIARY_SMTP_URL; undefined where mail stays in files. */
    readonly smtp: string | undefined,
    private readonly process: ChildProcess | undefined,
  ) {}

  /** `files` is the folder in which Aviary writes mail when it knows no server. */
  static async open(sinkFolder: string, files: string): Promise<Mailbox> {
    const venv = process.env.AVIARY_TEST_VENV;
    if (!venv) return new Mailbox(files, undefined, undefined);
    mkdirSync(sinkFolder, { recursive: true });
    const script = resolve(import.meta.dirname, "../../tools/smtp_sink.py");
    const sink = spawn(join(venv, "bin", "python"), [script, sinkFolder], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    sink.stdout?.on("data", (chunk) => (said += chunk));
    const port = await until("the mail server", () => /^(\d+)\n/.exec(said)?.[1]);
    return new Mailbox(sinkFolder, `smtp://127.0.0.1:${port}`, sink);
  }

  all(): Mail[] {
    if (!existsSync(this.folder)) return [];
    const names = readdirSync(this.folder).filter((name) => name.endsWith(".eml"));
    return names.sort().map((name) => parse(readFileSync(join(this.folder, name), "utf8")));
  }

  /** The newest mail to this address whose subject or text holds `words`; waits for it. */
  async to(address: string, words = ""): Promise<Mail> {
    return until(`a mail to ${address} with "${words}"`, () =>
      this.all().findLast((mail) => mail.to.includes(address) && `${mail.subject}\n${mail.text}`.includes(words)),
    );
  }

  close() {
    this.process?.kill();
  }
}

function parse(message: string): Mail {
  const { headers, body } = split(message);
  return { to: headers.get("to") ?? "", subject: words(headers.get("subject") ?? ""), text: readable(headers, body) };
}

function split(part: string): { headers: Map<string, string>; body: string } {
  const text = part.replace(/\r\n/g, "\n");
  const end = text.indexOf("\n\n");
  const head = (end < 0 ? text : text.slice(0, end)).replace(/\n[ \t]+/g, " ");
  const headers = new Map<string, string>();
  for (const line of head.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body: end < 0 ? "" : text.slice(end + 2) };
}

function readable(headers: Map<string, string>, body: string): string {
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get("content-type") ?? "")?.[1];
  if (boundary) {
    const parts = body.split(`--${boundary}`).slice(1, -1).map((part) => split(part.replace(/^\n/, "")));
    const plain = parts.find((part) => (part.headers.get("content-type") ?? "text/plain").startsWith("text/plain"));
    const first = plain ?? parts[0];
    return first ? readable(first.headers, first.body) : "";
  }
  const encoding = headers.get("content-transfer-encoding")?.toLowerCase();
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding === "quoted-printable") return quoted(body.replace(/=\n/g, ""));
  return body;
}

// RFC 2047, as far as mail programs use it.
function words(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toLowerCase() === "b" ? Buffer.from(text, "base64").toString("utf8") : quoted(text.replace(/_/g, " ")),
    );
}

function quoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
