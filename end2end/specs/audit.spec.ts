import { field, fill, follow, mint, notice, open, press, ready, unfold, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Locator, Page } from "@playwright/test";

/** The entries on the page, each with the row that it opens to left out. */
function rows(page: Page): Locator {
  return page.getByRole("table", { name: "Audit log" }).getByRole("row").filter({ has: page.getByRole("time") });
}

/** Narrows the log down. */
async function filter(page: Page, fields: Record<string, string>) {
  const search = page.getByRole("search", { name: "Which entries" });
  await fill(search, fields);
  await Promise.all([page.waitForEvent("domcontentloaded"), search.getByRole("button", { name: "Filter" }).click()]);
  await ready(page);
}

test("a change is in the log with what it was before and after, and leads to its token", async ({ mine }) => {
  const token = await mint(mine, { Owner: "Priya Nair", Labels: "ci" });
  await open(mine, `${token.path}/edit`);
  const owner = unique("Sam");
  await fill(mine, { Owner: owner });
  await press(mine, "Save");
  await expect(notice(mine)).toBeVisible();

  await open(mine, "/settings");
  await follow(mine, "Audit");
  await filter(mine, { "On what": token.id });
  await expect(mine).toHaveURL(new RegExp(`subject=${token.id}`));
  await expect(rows(mine)).toHaveCount(2);
  await expect(rows(mine).first()).toContainText("token.edit");
  await expect(rows(mine).first()).toContainText("ada@example.com");

  await test.step("it opens to both values, side by side, and to its request", async () => {
    const more = mine.getByRole("table", { name: "Audit log" }).getByRole("row").filter({ hasText: "Changed: owner" });
    await unfold(more, "Changed: owner");
    const term = more.getByRole("term").filter({ hasText: /^owner$/ });
    await expect(term).toBeVisible();
    const values = more.getByRole("definition");
    await expect(values.nth(0)).toHaveText(/Priya Nair$/);
    await expect(values.nth(1)).toHaveText(new RegExp(`${owner}$`));
    await expect(more).toContainText("Request");
  });

  await test.step("an act leads to all of its sort, and a thing to its page", async () => {
    await follow(rows(mine).last(), "token.mint");
    await expect(mine.getByRole("main")).toContainText("Only `token.mint`");
    await expect(mine.getByRole("combobox", { name: "Act" })).toHaveValue("token.mint");
    await open(mine, `/settings/audit?subject=${token.id}&act=token.edit`);
    await follow(rows(mine).first(), new RegExp(token.id));
    await expect(mine.getByRole("heading", { level: 1 })).toHaveText(token.location);
  });
});

test("filters that nothing fits say so and lead back", async ({ mine }) => {
  await open(mine, "/settings/audit");
  await filter(mine, { Who: unique("nobody"), "From day": "2027-03-01" });
  await expect(mine.getByRole("heading", { name: "No entry" })).toBeVisible();
  await expect(field(mine, "From day"), "what was asked for still stands there").toHaveValue("2027-03-01");
  await follow(mine.getByRole("main"), "Show all");
  expect(await rows(mine).count()).toBeGreaterThan(0);
});

test("the entries that a page shows can be taken along as files", async ({ mine }) => {
  const token = await mint(mine);
  await open(mine, `/settings/audit?subject=${token.id}`);
  for (const [name, type, head] of [
    ["Download these entries as CSV", "text/csv", "seq,time,"],
    ["Download these entries as JSON lines", "application/x-ndjson", '{"seq":'],
  ]) {
    const link = mine.getByRole("link", { name: name! });
    const answer = await mine.request.get((await link.getAttribute("href"))!);
    expect(answer.status()).toBe(200);
    expect(answer.headers()["content-type"]).toContain(type);
    expect(answer.headers()["content-disposition"]).toContain("attachment");
    const text = await answer.text();
    expect(text.startsWith(head!), text).toBe(true);
    expect(text).toContain(token.id);
    expect(text).not.toContain(token.secret);
  }
  await open(mine, "/settings/audit?act=audit.export");
  await expect(rows(mine).first()).toContainText(`as jsonl, subject ${token.id}`);
});
