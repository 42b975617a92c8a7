// An AWS of the test's own: ministack, which checks signatures and policies. See AVIARY_TEST_VENV in docs/DEVELOPING.md.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "./ports.ts";
import { until } from "./until.ts";

const program = join(process.env.AVIARY_TEST_VENV ?? "", "bin", "ministack");

/** Whether the emulator is there. */
export const hasEmulator = Boolean(process.env.AVIARY_TEST_VENV) && existsSync(program);

/** The account that it plays. */
export const ACCOUNT = "123456789012";

/** The key of its administrator. */
const ADMIN = {
  AWS_ACCESS_KEY_ID: "AKIACIADMINCIADMIN00",
  AWS_SECRET_ACCESS_KEY: "ciadminsecretciadminsecretciadminsecret0",
};

export class Emulator {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  static async open(): Promise<Emulator> {
    const folder = mkdtempSync(join(tmpdir(), "aviary-aws-"));
    const [port] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(program, [], {
      cwd: folder,
      env: {
        ...ADMIN,
        PATH: process.env.PATH,
        HOME: folder,
        BIND_HOST: "127.0.0.1",
        GATEWAY_PORT: String(port),
        MINISTACK_HOST: "127.0.0.1",
        MINISTACK_ACCOUNT_ID: ACCOUNT,
        MINISTACK_REGION: "us-east-1",
        AUTH: "true",
        IOT_MTLS_ENABLED: "0",
        SFTP_ENABLED: "0",
        LOG_LEVEL: "WARNING",
      },
      stdio: "ignore",
    });
    const emulator = new Emulator(url, child, folder);
    try {
      await until("the emulated AWS", async () => {
        const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined);
        return answer?.ok ? true : undefined;
      }, 30);
    } catch (why) {
      emulator.close();
      throw why;
    }
    return emulator;
  }

  /** What Aviary needs to know of it. */
  get variables(): Record<string, string> {
    return { ...ADMIN, AWS_ENDPOINT_URL: this.url, AWS_REGION: "us-east-1", AWS_EC2_METADATA_DISABLED: "true" };
  }

  close() {
    this.process.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
