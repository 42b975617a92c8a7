// One running Aviary with everything around it: a data folder of its own, a mail server, a receiver of webhooks.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Hooks } from "./hooks.ts";
import { Mailbox } from "./mail.ts";
import { freePorts } from "./ports.ts";
import { until } from "./until.ts";

const repository = resolve(import.meta.dirname, "../..");
const program =
  process.env.AVIARY_TEST_BINARY ??
  join(resolve(repository, process.env.CARGO_TARGET_DIR ?? "target"), "debug", "aviary");

export class House {
  /** Everything that the program printed. */
  output = "";

  private constructor(
    /** The console, without a slash at the end. */
    readonly url: string,
    /** The sandbox's address for AWS clients. */
    readonly sandbox: string,
    readonly data: string,
    readonly mail: Mailbox,
    readonly hooks: Hooks,
    private readonly folder: string,
    /** Variables besides its own: the way to an emulated AWS. */
    private readonly variables: Record<string, string>,
  ) {}

  private process: ChildProcess | undefined;

  /** `name` is the host of the console's address: passkeys need a name, everything else does without. */
  static async open(variables: Record<string, string> = {}, name = "127.0.0.1"): Promise<House> {
    const folder = mkdtempSync(join(tmpdir(), "aviary-end2end-"));
    const data = join(folder, "data");
    const [console, sandbox] = await freePorts(2);
    const mail = await Mailbox.open(join(folder, "inbox"), join(data, "mail"));
    const hooks = await Hooks.open();
    const house = new House(`http://${name}:${console}`, `http://127.0.0.1:${sandbox}`, data, mail, hooks, folder, variables);
    try {
      await house.start();
    } catch (why) {
      house.close();
      throw why;
    }
    return house;
  }

  /** Starts the program; again after `stop`, on the same data. */
  async start() {
    const child = spawn(program, ["serve"], {
      cwd: this.folder,
      // Nothing of the developer's own settings: an AVIARY_ or AWS_ variable of theirs would change what is tested.
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        AVIARY_LISTEN: `127.0.0.1:${new URL(this.url).port}`,
        AVIARY_SANDBOX_LISTEN: new URL(this.sandbox).host,
        AVIARY_BASE_URL: this.url,
        AVIARY_DATA_DIR: this.data,
        AVIARY_ALLOW_PRIVATE_WEBHOOKS: "127.0.0.0/8",
        AVIARY_ALLOW_PRIVATE_PROVIDERS: "127.0.0.0/8",
        AVIARY_LOG: process.env.AVIARY_TEST_LOG ?? "info",
        ...this.variables,
        ...(this.mail.smtp ? { AVIARY_SMTP_URL: this.mail.smtp } : {}),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    let ended: string | undefined;
    child.on("error", (why) => (ended = `${program}: ${why.message}`));
    child.on("exit", (code, signal) => (ended ??= `${program} ended with ${code ?? signal}`));
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (this.output += chunk));
    await until("Aviary to be ready", async () => {
      if (ended) throw new Error(`${ended}\n${this.output}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      return answer?.ok ? true : undefined;
    });
  }

  /** Ends the program as an operator would, and waits for it. */
  async stop() {
    const child = this.process;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await gone;
  }

  /** The link that makes the first admin, as the program prints it. */
  async setUpLink(): Promise<string> {
    return until("the set-up link", () => /https?:\/\/\S+\/setup\/[\w-]+/.exec(this.output)?.[0]);
  }

  close() {
    this.process?.kill("SIGKILL");
    this.mail.close();
    this.hooks.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
