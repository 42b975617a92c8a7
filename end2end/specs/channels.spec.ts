import { use } from "../harness/aws.ts";
import { choose, field, fill, follow, mint, notice, open, press, unfold, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import { until } from "../harness/until.ts";
import type { Locator, Page } from "@playwright/test";
import type { Call, Hooks } from "../harness/hooks.ts";

function kinds(page: Page): Locator {
  return page.getByRole("navigation", { name: "What sort of address" });
}

async function make(page: Page, kind: string, address: string, name: string) {
  await open(page, "/destinations/new");
  await follow(kinds(page), kind);
  await fill(page, { "Webhook address": address, Name: name });
  expect(await press(page, "Add destination")).toBe(200);
}

/** The first message on this path in which this stands. */
async function message(hooks: Hooks, path: string, part: string): Promise<Call> {
  return until(`a message with ${part} on ${path}`, () =>
    hooks.calls.find((call) => call.path === path && call.raw.includes(part)),
  );
}

async function code(hooks: Hooks, path: string): Promise<string> {
  const { raw } = await message(hooks, path, "is the code");
  return /(\d{6}) is the code/.exec(raw)![1]!;
}

test("a channel in a chat is confirmed by the code that arrives there, and told about hits", async ({ mine, house }) => {
  const path = `/services/${unique("hook")}`;
  const name = unique("Ops");
  const key = await mint(mine);
  await make(mine, "Slack", house.hooks.url(path), name);
  await expect(mine.getByRole("main")).toContainText("until its owner types in the code");
  expect(await mine.content(), "the address is not shown again").not.toContain(path);

  await follow(mine, "Open the destination");
  const proof = mine.getByRole("region", { name: "How to confirm it" });
  await test.step("a wrong code is refused beside its field", async () => {
    await fill(proof, { Code: "12" });
    expect(await press(proof, "Confirm")).toBe(422);
    await expect(field(mine, "Code")).toHaveAttribute("aria-invalid", "true");
    await expect(field(mine, "Code")).toHaveValue("12");
  });
  await fill(proof, { Code: await code(house.hooks, path) });
  await press(proof, "Confirm");
  await expect(notice(mine)).toContainText("Confirmed.");
  await expect(mine.getByRole("main")).toContainText("Alerts go here.");

  await unfold(mine, "Subscribe to more");
  await choose(mine, "What about", "Everything");
  await press(mine, "Subscribe");
  await use(house.sandbox, key);
  const told = await message(house.hooks, path, key.location);
  expect(told.body.blocks[0].type).toBe("header");
  expect(told.raw).toContain(`${house.url}${key.path}`);
});

test("an address that is a password is shown to its owner on demand", async ({ mine, house }) => {
  const path = `/api/webhooks/${unique("hook")}`;
  await make(mine, "Discord", house.hooks.url(path), unique("Ops"));
  await follow(mine, "Open the destination");
  expect(await mine.content()).not.toContain(path);
  await press(mine, "Show the address");
  await expect(mine.getByRole("region", { name: "The whole address" })).toContainText(path);
  await open(mine, new URL(mine.url()).pathname.replace(/\/reveal$/, ""));
  expect(await mine.content()).not.toContain(path);
});

test("a webhook's secret is changed without a gap", async ({ mine, house }) => {
  const path = `/${unique("hook")}`;
  await open(mine, "/destinations/new");
  await follow(kinds(mine), "Webhook");
  await fill(mine, { Address: house.hooks.url(path), Name: unique("Pager") });
  await press(mine, "Add destination");
  const secret = async () =>
    /whsec_[A-Za-z0-9+/=]+/.exec(await mine.getByRole("region", { name: "Signing secret" }).innerText())![0];
  const old = await secret();
  await follow(mine, "Open the destination");
  await press(mine, "Rotate the secret");
  const fresh = await secret();
  expect(fresh).not.toBe(old);
  await expect(mine.getByRole("region", { name: "Facts" })).toContainText("Old secret");
  await press(mine, "Send a test");
  const call = await house.hooks.call(path, "test");
  expect(String(call.headers["webhook-signature"]).split(" ")).toHaveLength(2);
});

test("the kinds can be chosen from by the keyboard, and one stays chosen where its form is refused", async ({ mine }) => {
  await open(mine, "/destinations/new");
  await kinds(mine).getByRole("link", { name: "Google Chat", exact: true }).focus();
  await mine.keyboard.press("Enter");
  await expect(field(mine, "Webhook address")).toBeVisible();
  const name = unique("Space");
  await fill(mine, { "Webhook address": "chat.example.com", Name: name });
  expect(await press(mine, "Add destination")).toBe(422);
  await expect(kinds(mine).locator("[aria-current]")).toHaveText("Google Chat");
  await expect(field(mine, "Name")).toHaveValue(name);
});
