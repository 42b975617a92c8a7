// A receiver of webhooks: answers challenges, keeps what it was sent, and fails when it is told to.

import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { until } from "./until.ts";

export interface Call {
  path: string;
  headers: IncomingHttpHeaders;
  /** As it came, for signatures. */
  raw: string;
  body: any;
}

export class Hooks {
  readonly calls: Call[] = [];
  private failures = 0;
  private failure = 500;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Hooks> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const raw = Buffer.concat(chunks).toString("utf8");
        let body: any;
        try {
          body = JSON.parse(raw);
        } catch {
          body = undefined;
        }
        hooks.calls.push({ path: request.url ?? "", headers: request.headers, raw, body });
        if (hooks.failures > 0) {
          hooks.failures -= 1;
          response.writeHead(hooks.failure).end("told to fail");
        } else if (body?.type === "aviary.challenge") {
          response.writeHead(200, { "content-type": "application/json" });
          response.end(JSON.stringify({ challenge: body.challenge }));
        } else {
          response.writeHead(204).end();
        }
      });
    });
    const hooks = new Hooks(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return hooks;
  }

  /** An address to give to Aviary; each path is a box of its own. */
  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  /** The next `count` requests get this status. */
  failNext(count: number, status = 500) {
    this.failures = count;
    this.failure = status;
  }

  /** The first call on this path of this type; waits for it. */
  async call(path: string, type: string): Promise<Call> {
    return until(`a webhook of type ${type} on ${path}`, () =>
      this.calls.find((call) => call.path === path && call.body?.type === type),
    );
  }

  /** Whether a call is signed with this secret, as Standard Webhooks describes it. */
  static signed(call: Call, secret: string): boolean {
    const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signatures } = call.headers;
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const right = createHmac("sha256", key).update(`${id}.${time}.${call.raw}`).digest("base64");
    return String(signatures).split(" ").includes(`v1,${right}`);
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
