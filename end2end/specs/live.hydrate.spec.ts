// What only happens with scripting: pages that keep up by themselves, fields that are checked while one types, copying.

import { aws, hasAws, use } from "../harness/aws.ts";
import { PASSWORD, field, fill, follow, hits, mint, open, press, setUp, shownKey, timeline, unfold, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

/** Waits until the page hears what happens, and marks it, so that a reload would show. */
async function listening(page: Page) {
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await page.evaluate(() => document.body.setAttribute("data-same-page", ""));
}

async function notReloaded(page: Page) {
  await expect(page.locator("body[data-same-page]"), "the page was not loaded again").toBeAttached();
}

test("a hit appears on the open page of its token by itself", async ({ mine, house }) => {
  const key = await mint(mine);
  await open(mine, key.path);
  await expect(mine.getByRole("heading", { name: "No hit so far" })).toBeVisible();
  await listening(mine);

  if (hasAws) await aws(house.sandbox, key, "sts", "get-caller-identity");
  else await use(house.sandbox, key);
  // The call has just been answered.
  const seen = hits(mine, "GetCallerIdentity");
  await expect(seen).toHaveCount(1, { timeout: 2_000 });
  await expect(mine.getByRole("main")).toContainText("Somebody used this key: 1 time");
  await expect(mine.getByRole("link", { name: /Triage it/ })).toBeVisible();

  await test.step("the next one comes above it, and an open record stays open", async () => {
    await unfold(timeline(mine), "Record");
    const record = timeline(mine).getByLabel("Record", { exact: true });
    await expect(record).toBeVisible();
    await use(house.sandbox, key, { userAgent: "Boto3/1.40.0" });
    await expect(seen).toHaveCount(2, { timeout: 2_000 });
    await expect(seen.first()).toContainText("Boto3/1.40.0");
    await expect(record.last()).toBeVisible();
    await expect(record.first()).toBeHidden();
  });

  await test.step("it is told to those who cannot see it", async () => {
    await expect(mine.getByRole("main").getByRole("status").filter({ hasText: /new hit/ })).toBeAttached();
  });
  await notReloaded(mine);
});

test("the overview, the list of tokens and the incidents keep up, too", async ({ mine, house }) => {
  const key = await mint(mine);
  const [list, incidents] = [await mine.context().newPage(), await mine.context().newPage()];
  await open(mine, "/");
  await open(list, `/tokens?q=${key.id}`);
  await open(incidents, "/incidents?state=open");
  for (const page of [mine, list, incidents]) await listening(page);

  await use(house.sandbox, key);
  await expect(mine.getByRole("table", { name: "Latest hits" }).getByText(key.location)).toBeVisible();
  await expect(list.getByRole("row").filter({ hasText: key.id })).toContainText("Triggered");
  await expect(incidents.getByRole("row").filter({ hasText: key.location })).toBeVisible();
  for (const page of [mine, list, incidents]) await notReloaded(page);
});

test("a page catches up after the server was away", async ({ page, newHouse, complaints }) => {
  await setUp(page, await newHouse.setUpLink(), { email: "grace@example.com", password: PASSWORD });
  await open(page, `${newHouse.url}/tokens/new`);
  await fill(page, { Owner: "Sam", Location: "build server" });
  await press(page, "Mint token");
  const key = await shownKey(page);
  await follow(page, "Go to the token");
  await listening(page);
  await newHouse.stop();
  await expect(page.getByText("Reconnecting")).toBeVisible();
  await newHouse.start();
  await use(newHouse.sandbox, key);
  await expect(page.getByText("Live", { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect(hits(page, "GetCallerIdentity")).toHaveCount(1);
  await notReloaded(page);

  // Browsers cannot be kept from noting that a line was cut.
  expect(complaints.filter((one) => !one.includes("/live?token="))).toEqual([]);
  complaints.length = 0;
  await page.close();
});

test("a form says what is wrong while one is still at it", async ({ mine }) => {
  await open(mine, "/tokens/new");
  const expires = field(mine, "Expires");
  await expires.fill("soon");
  await expect(expires).toHaveAttribute("aria-invalid", "true");
  await expect(expires).toHaveAccessibleDescription(/is no day and no number of days/);
  await expect(field(mine, "Location"), "an empty field that was not touched is not at fault yet").not.toHaveAttribute(
    "aria-invalid",
    "true",
  );
  await expires.fill("30");
  await expect(expires).not.toHaveAttribute("aria-invalid", "true");

  await open(mine, "/tokens/adopt");
  const id = field(mine, "Access key id");
  await id.fill("ASIAZZZZZZZZZZZZZZZZ-");
  await expect(id).toHaveAttribute("aria-invalid", "true");
});

test("a key is copied by a button", async ({ mine }) => {
  await mine.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const key = await mint(mine, { Location: unique("copied") });
  for (const [what, text] of [
    ["access key id", key.id],
    ["secret access key", key.secret],
  ] as const) {
    const button = mine.getByRole("button", { name: `Copy ${what}` });
    await button.click();
    await expect(button).toContainText("Copied");
    expect(await mine.evaluate(() => navigator.clipboard.readText())).toBe(text);
  }
});
