import { field, fill, follow, notice, open, press, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

async function choose(page: Page, kind: string) {
  await open(page, "/destinations/new");
  await follow(page.getByRole("navigation", { name: "What sort of address" }), kind);
}

test("PagerDuty proves itself by taking a test, and its key is not shown again", async ({ mine, house }) => {
  const path = `/${unique("enqueue")}`;
  const key = unique("R0123456789ABCDEF");
  await choose(mine, "PagerDuty");
  await fill(mine, { "Integration key": key, "Where the service is": house.hooks.url(path), Name: unique("On call") });
  expect(await press(mine, "Add destination")).toBe(200);
  await expect(mine.getByRole("main")).toContainText("It took a test.");
  expect(await mine.content()).not.toContain(key);
  await follow(mine, "Open the destination");
  await expect(mine.getByRole("main")).toContainText("Alerts go here.");
  expect(await mine.content()).not.toContain(key);
  await press(mine, "Send a test");
  await expect(notice(mine)).toContainText("A test is on its way.");
});

test("what is missing for Jira is said beside its field, and the token has to be typed again", async ({ mine }) => {
  await choose(mine, "Jira");
  await fill(mine, { Site: "https://jira.example.com", Token: "a-token", Project: "not a key" });
  expect(await press(mine, "Add destination")).toBe(422);
  await expect(mine.getByText("expected the key of a project, such as SEC").first()).toBeVisible();
  await expect(field(mine, "Site")).toHaveValue("https://jira.example.com");
  await expect(field(mine, "Token")).toHaveValue("");
});

test("a log collector that nobody answers for is not confirmed, and the page says why", async ({ mine }) => {
  await choose(mine, "Syslog");
  await fill(mine, { Collector: "tcp://127.0.0.1:1", Name: unique("Logs") });
  expect(await press(mine, "Add destination")).toBe(200);
  await expect(mine.getByRole("region", { name: "How to confirm it" })).toContainText("Cannot connect to 127.0.0.1:1");
});
