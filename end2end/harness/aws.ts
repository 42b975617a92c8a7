// Use of a key as anyone who found it would use it: a request signed with Signature Version 4, or the real aws command.

import { execFile } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { join } from "node:path";

export interface Key {
  id: string;
  secret: string;
}

export interface Use {
  /** The service's name in the signature, such as `sts`. */
  service?: string;
  region?: string;
  /** The form fields of a query request. */
  form?: Record<string, string>;
  userAgent?: string;
}

/** Sends a signed request to the sandbox; `sts:GetCallerIdentity` unless told otherwise. */
export async function use(sandbox: string, key: Key, options: Use = {}): Promise<{ status: number; text: string }> {
  const service = options.service ?? "sts";
  const region = options.region ?? "eu-central-1";
  const form = options.form ?? { Action: "GetCallerIdentity", Version: "2011-06-15" };
  const body = new URLSearchParams(form).toString();
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const headers: Record<string, string> = {
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    host: new URL(sandbox).host,
    "x-amz-date": time,
  };
  const names = Object.keys(headers).sort();
  const canonical = [
    "POST",
    "/",
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    sha256(body),
  ].join("\n");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const signing = [time.slice(0, 8), region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${key.secret}`);
  const signature = hmac(signing, ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n")).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${key.id}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  const { host: _, ...sent } = headers;
  const response = await fetch(`${sandbox}/`, {
    method: "POST",
    headers: { ...sent, authorization, "user-agent": options.userAgent ?? "aws-cli/2.31.0 md/prompt#off" },
    body,
  });
  return { status: response.status, text: await response.text() };
}

/** Whether the real aws command is there (see AVIARY_TEST_VENV in docs/DEVELOPING.md). */
export const hasAws = Boolean(process.env.AVIARY_TEST_VENV);

/** Runs the real aws command against the sandbox. */
export function aws(sandbox: string, key: Key, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const program = join(process.env.AVIARY_TEST_VENV ?? "", "bin", "aws");
  const env = {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: key.id,
    AWS_SECRET_ACCESS_KEY: key.secret,
    AWS_DEFAULT_REGION: "eu-central-1",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
  };
  return new Promise((done) => {
    execFile(program, ["--endpoint-url", sandbox, ...args], { env }, (failure, out, err) => {
      done({ code: failure ? Number(failure.code ?? 1) : 0, out, err });
    });
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
