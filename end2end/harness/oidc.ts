// An identity provider of the test's own: npm's oidc-provider, a certified one, as a process that can be stopped.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "./ports.ts";
import { until } from "./until.ts";

const program = join(import.meta.dirname, "oidc.mjs");

/** Whether it is installed. */
export const hasProvider = existsSync(join(import.meta.dirname, "..", "node_modules", "oidc-provider"));

/** What the provider says of somebody. */
export interface Claims {
  email: string;
  email_verified: boolean;
  groups: string[];
}

export class IdentityProvider {
  readonly client = { id: "aviary", secret: "a secret of the client" };
  private process: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  /** One that does not run yet: it has to know first where to send people back. */
  static async make(): Promise<IdentityProvider> {
    const [port] = await freePorts(1);
    return new IdentityProvider(port!);
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(people: Record<string, Claims>, redirect: string, signedOut: string) {
    const client = {
      client_id: this.client.id,
      client_secret: this.client.secret,
      redirect_uris: [redirect],
      post_logout_redirect_uris: [signedOut],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    };
    const settings = JSON.stringify({ port: this.port, client, people });
    const child = spawn(process.execPath, [program, settings], { stdio: ["ignore", "pipe", "pipe"] });
    this.process = child;
    let output = "";
    let ended = false;
    child.on("exit", () => (ended = true));
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    await until("the identity provider", async () => {
      if (ended) throw new Error(`the identity provider ended:\n${output}`);
      const answer = await fetch(`${this.issuer}/.well-known/openid-configuration`).catch(() => undefined);
      return answer?.ok ? true : undefined;
    });
  }

  /** Ends it, and waits until nobody answers any more. */
  async stop() {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }
}
