// Each spec runs twice: `plain` has scripting off and proves that pages work as HTML and forms, `wasm` has it on.
// What only exists with scripting stands in *.hydrate.spec.ts.

import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

export default defineConfig({
  testDir: "specs",
  outputDir: "test-results",
  reporter: [["list"]],
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // Each worker has an Aviary of its own, so files are free to run beside each other.
  workers: 2,
  forbidOnly: true,
  retries: 0,
  use: {
    browserName: "chromium",
    // A time zone far from UTC and another language than English: what depends on either shows.
    timezoneId: "Asia/Kathmandu",
    locale: "en-GB",
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.AVIARY_TEST_CHROMIUM || chromium,
      args: [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ],
    },
  },
  projects: [
    { name: "plain", testIgnore: "**/*.hydrate.spec.ts", use: { javaScriptEnabled: false } },
    { name: "wasm", use: { javaScriptEnabled: true } },
  ],
});
