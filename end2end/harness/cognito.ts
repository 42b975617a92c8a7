// A user pool of Amazon Cognito, as the emulated AWS plays it, set up with the real `aws` command.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Emulator } from "./emulator.ts";

/** The password of everybody in the pool. */
export const THERE = "Plum-tractor-window-7";

export class UserPool {
  private constructor(
    private readonly emulator: Emulator,
    readonly id: string,
  ) {}

  static async make(emulator: Emulator): Promise<UserPool> {
    const made = await cognito(emulator, "create-user-pool", "--pool-name", "people");
    return new UserPool(emulator, made.UserPool.Id);
  }

  /** AWS's own address, at which nothing of this pool is. */
  get issuer(): string {
    return `https://cognito-idp.us-east-1.amazonaws.com/${this.id}`;
  }

  /** Where its configuration really is. */
  get configuration(): string {
    return `${this.emulator.url}/${this.id}/.well-known/openid-configuration`;
  }

  /** Makes an application that may come back to, and sign out to, these addresses. */
  async client(back: string, out: string): Promise<{ id: string; secret: string }> {
    // As one piece of JSON: some versions of the command fetch what looks like an address in an argument.
    const asked = JSON.stringify({
      UserPoolId: this.id,
      ClientName: "aviary",
      GenerateSecret: true,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid", "email"],
      AllowedOAuthFlowsUserPoolClient: true,
      SupportedIdentityProviders: ["COGNITO"],
      CallbackURLs: [back],
      LogoutURLs: [out],
    });
    const { UserPoolClient: made } = await cognito(this.emulator, "create-user-pool-client", "--cli-input-json", asked);
    return { id: made.ClientId, secret: made.ClientSecret };
  }

  /** Adds somebody, to a group if one is named. */
  async add(user: string, email: string, group?: string) {
    const run = (...arguments_: string[]) => cognito(this.emulator, arguments_[0]!, "--user-pool-id", this.id, ...arguments_.slice(1));
    const says = ["--user-attributes", `Name=email,Value=${email}`, "Name=email_verified,Value=true"];
    await run("admin-create-user", "--username", user, ...says, "--message-action", "SUPPRESS");
    await run("admin-set-user-password", "--username", user, "--password", THERE, "--permanent");
    if (!group) return;
    await run("create-group", "--group-name", group);
    await run("admin-add-user-to-group", "--username", user, "--group-name", group);
  }
}

async function cognito(emulator: Emulator, ...words: string[]) {
  const program = join(process.env.AVIARY_TEST_VENV ?? "", "bin", "aws");
  const env = {
    PATH: process.env.PATH,
    ...emulator.variables,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
  const { stdout } = await promisify(execFile)(program, ["cognito-idp", ...words, "--output", "json"], { env });
  return stdout.trim() ? JSON.parse(stdout) : {};
}
