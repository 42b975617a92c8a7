// An identity provider that lies: what its next answers get wrong is chosen by the test. It asks nobody to sign in, and
// always means the same person.

import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { freePorts } from "./ports.ts";

/** What it can get wrong. */
export type Lie = "nonce" | "state" | "audience" | "issuer" | "expired" | "none" | "secret" | "key";

const pair = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

export class Liar {
  readonly client = { id: "aviary", secret: "a secret of the client" };
  /** What the next answers get wrong; nothing, if it is not set. */
  lie: Lie | undefined;
  /** Its own pages answer, and what only Aviary asks for does not. */
  away = false;

  private readonly keys = { own: pair(), other: pair() };
  /** The nonce that belongs to a code. */
  private readonly nonces = new Map<string, string>();
  private readonly server: Server;

  private constructor(private readonly port: number) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async open(): Promise<Liar> {
    const [port] = await freePorts(1);
    const liar = new Liar(port!);
    await new Promise<void>((done) => liar.server.listen(port, "127.0.0.1", done));
    return liar;
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url!, this.issuer);
    const json = (value: unknown) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (url.pathname === "/keys") {
      return json({ keys: [{ ...this.keys.own.publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256", use: "sig" }] });
    }
    if (url.pathname === "/authorize") {
      const asked = url.searchParams;
      const back = new URL(asked.get("redirect_uri")!);
      const code = `code-${this.nonces.size}`;
      this.nonces.set(code, asked.get("nonce")!);
      back.searchParams.set("code", code);
      back.searchParams.set("state", this.lie === "state" ? "another" : asked.get("state")!);
      return response.writeHead(302, { location: back.href }).end();
    }
    if (url.pathname === "/token" && this.away) return response.writeHead(503).end();
    if (url.pathname === "/token") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const code = new URLSearchParams(Buffer.concat(chunks).toString()).get("code");
      const token = this.token(this.nonces.get(code ?? ""));
      return json({ access_token: "for nothing", token_type: "Bearer", expires_in: 300, id_token: token });
    }
    return json({
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
    });
  }

  private token(nonce: string | undefined): string {
    const { lie } = this;
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: lie === "issuer" ? "https://id.example.com" : this.issuer,
      aud: lie === "audience" ? "another" : this.client.id,
      sub: "lia",
      email: "lia@example.com",
      email_verified: true,
      groups: ["aviary-placers"],
      nonce: lie === "nonce" ? "another" : nonce,
      iat: now,
      exp: lie === "expired" ? now - 3600 : now + 300,
    };
    const alg = lie === "none" ? "none" : lie === "secret" ? "HS256" : "RS256";
    const text = `${encoded({ typ: "JWT", kid: "1", alg })}.${encoded(claims)}`;
    if (lie === "none") return `${text}.`;
    if (lie === "secret") return `${text}.${createHmac("sha256", this.client.secret).update(text).digest("base64url")}`;
    const key = lie === "key" ? this.keys.other : this.keys.own;
    return `${text}.${sign("sha256", Buffer.from(text), key.privateKey).toString("base64url")}`;
  }
}
