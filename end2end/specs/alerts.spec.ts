import { use } from "../harness/aws.ts";
import { Hooks } from "../harness/hooks.ts";
import { choose, field, fill, follow, mint, notice, open, press, unfold, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

async function subscribe(page: Page, token: string, destination: string) {
  await open(page, token);
  const panel = page.getByRole("region", { name: "Who hears about it" });
  await panel.getByLabel("Destination").selectOption({ label: destination });
  await press(panel, "Subscribe");
  await expect(notice(page)).toHaveText("Subscribed.");
  await expect(panel.getByRole("link", { name: destination })).toBeVisible();
}

async function addWebhook(page: Page, address: string, name: string): Promise<string> {
  await open(page, "/destinations/new");
  await follow(page.getByRole("navigation", { name: "What sort of address" }), "Webhook");
  await fill(page, { Address: address, Name: name });
  expect(await press(page, "Add destination")).toBe(200);
  const shown = await page.getByRole("region", { name: "Signing secret" }).innerText();
  return /whsec_[A-Za-z0-9+/=]+/.exec(shown)![0];
}

test("a webhook that answers the challenge gets hits, signed", async ({ mine, house }) => {
  const path = `/${unique("hook")}`;
  const name = unique("Pager");
  const key = await mint(mine);

  const secret = await addWebhook(mine, house.hooks.url(path), name);
  await expect(mine.getByRole("main")).toContainText("The endpoint answered the challenge.");
  const challenge = await house.hooks.call(path, "aviary.challenge");
  expect(Hooks.signed(challenge, secret), "the challenge is signed").toBe(true);

  await test.step("the secret is not shown again", async () => {
    await follow(mine, "Open the destination");
    await expect(mine.getByRole("main")).toContainText("Alerts go here.");
    expect(await mine.content()).not.toContain(secret);
  });

  await test.step("a test arrives", async () => {
    await press(mine, "Send a test");
    await expect(mine.getByRole("main"), "the page shows what was answered").toContainText("Accepted, 204");
    expect(Hooks.signed(await house.hooks.call(path, "test"), secret)).toBe(true);
  });

  await subscribe(mine, key.path, name);
  await use(house.sandbox, key);

  await test.step("the hit arrives, signed, without a secret", async () => {
    const call = await house.hooks.call(path, "hit");
    expect(Hooks.signed(call, secret)).toBe(true);
    expect(Hooks.signed({ ...call, raw: `${call.raw} ` }, secret), "another body has another signature").toBe(false);
    expect(call.headers["content-type"]).toContain("application/json");
    expect(call.body).toMatchObject({
      type: "hit",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: {
        token: { access_key_id: key.id, location: key.location, owner: "Priya Nair" },
        hit: { event_name: "GetCallerIdentity", source_ip: "127.0.0.1" },
        incident: { state: "open" },
      },
    });
    expect(call.raw).not.toContain(key.secret);
  });

  await test.step("the log of deliveries says that it was accepted", async () => {
    await open(mine, "/deliveries");
    const row = mine.getByRole("table", { name: "Deliveries" }).getByRole("row").filter({ hasText: key.location });
    const sent = row.filter({ hasText: name }).getByText("Sent", { exact: true });
    await expect(async () => {
      await mine.reload();
      await expect(sent).toBeVisible({ timeout: 250 });
    }).toPass();
    await unfold(row.filter({ hasText: name }), "1 attempt");
    await expect(row.filter({ hasText: name })).toContainText("Accepted, 204");
  });
});

test("a webhook that does not answer stays unconfirmed until it does", async ({ mine, house }) => {
  const path = `/${unique("hook")}`;
  const name = unique("Sleepy");
  const key = await mint(mine);

  house.hooks.failNext(1);
  await addWebhook(mine, house.hooks.url(path), name);
  await expect(mine.getByRole("main")).toContainText("No alert goes here until the endpoint answers the challenge.");
  await expect(mine.getByRole("main")).toContainText("500");
  await subscribe(mine, key.path, name);
  await expect(mine.getByRole("region", { name: "Who hears about it" })).toContainText("No alert goes out for this token.");

  await follow(mine.getByRole("region", { name: "Who hears about it" }), name);
  await press(mine, "Send the proof again");
  await expect(notice(mine)).toContainText("Confirmed.");
  await use(house.sandbox, key);
  await house.hooks.call(path, "hit");
});

test("an address gets alerts once its owner has followed the link", async ({ mine, house, stranger }) => {
  const address = `${unique("oncall")}@example.com`;
  const name = unique("On-call");
  const key = await mint(mine, { "If it trips": "Rotate the deploy key first." });

  await open(mine, "/destinations/new");
  await fill(mine, { Address: "not an address", Name: name });
  expect(await press(mine, "Add destination")).toBe(422);
  await expect(field(mine, "Address")).toHaveAttribute("aria-invalid", "true");
  await expect(field(mine, "Name")).toHaveValue(name);

  await fill(mine, { Address: address });
  expect(await press(mine, "Add destination")).toBe(200);
  await expect(mine.getByRole("main")).toContainText("No alert goes here until somebody follows the link");
  await subscribe(mine, key.path, name);

  await test.step("the owner of the mailbox agrees, without signing in", async () => {
    const mail = await house.mail.to(address, "Confirm this address");
    const link = /http\S+\/confirm\/[\w-]+/.exec(mail.text)?.[0];
    expect(link, mail.text).toBeTruthy();
    const page = await stranger.newPage();
    await open(page, link!);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Get alerts at this address?");
    await expect(page.getByRole("main")).toContainText(address);
    await open(mine, key.path);
    await expect(
      mine.getByRole("region", { name: "Who hears about it" }),
      "opening the link alone confirms nothing: scanners of mail do that",
    ).toContainText("Unconfirmed");
    await press(page, "Yes, send alerts here");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("That is all");
    expect((await open(page, link!))?.status(), "the link works once").toBe(404);
  });

  await test.step("the next hit comes as a mail", async () => {
    await use(house.sandbox, key);
    const mail = await house.mail.to(address, key.id);
    expect(mail.text).toContain(key.location);
    expect(mail.text).toContain("GetCallerIdentity");
    expect(mail.text).toContain("Rotate the deploy key first.");
    expect(mail.text).not.toContain(key.secret);
    const link = new RegExp(`${house.url}/(incidents|tokens)/[\\w-]+`).exec(mail.text)?.[0];
    await open(mine, link!);
    await expect(mine.getByRole("heading", { level: 1 })).toHaveText(key.location);
  });
});

test("a new token can be subscribed right away, and unsubscribed", async ({ mine, house }) => {
  const path = `/${unique("hook")}`;
  const name = unique("Chat");
  await addWebhook(mine, house.hooks.url(path), name);

  await open(mine, "/tokens/new");
  await expect(mine.getByRole("group", { name: "Who hears about it" }).getByLabel(name)).toBeVisible();
  const key = await mint(mine, { [name]: true });
  await use(house.sandbox, key);
  await house.hooks.call(path, "hit");

  await open(mine, key.path);
  const panel = mine.getByRole("region", { name: "Who hears about it" });
  await press(panel.getByRole("listitem").filter({ hasText: name }), /^Remove/);
  await expect(notice(mine)).toHaveText("Unsubscribed.");
  await expect(panel.getByRole("link", { name })).toHaveCount(0);
});

test("a destination that is removed is gone", async ({ mine, house }) => {
  const name = unique("Old pager");
  await addWebhook(mine, house.hooks.url(`/${unique("hook")}`), name);
  await follow(mine, "Open the destination");
  await unfold(mine, "Subscribe to more");
  await choose(mine, "What about", "Everything");
  await press(mine, "Subscribe");
  await follow(mine, "Remove");
  await expect(mine.getByRole("main")).toContainText("Its subscription ends: Everything");
  await press(mine, "Remove destination");
  await expect(notice(mine)).toContainText("Removed.");
  await expect(mine.getByRole("table", { name: "Destinations" }).getByText(name)).toHaveCount(0);
  const key = await mint(mine);
  await open(mine, key.path);
  await expect(mine.getByRole("region", { name: "Who hears about it" }).getByText(name)).toHaveCount(0);
});

test("a webhook on an address that is not public is refused unless the operator allows it", async ({ mine }) => {
  await open(mine, "/destinations/new");
  await follow(mine.getByRole("navigation", { name: "What sort of address" }), "Webhook");
  await fill(mine, { Address: "https://169.254.169.254/latest/meta-data", Name: unique("metadata") });
  expect(await press(mine, "Add destination")).toBe(200);
  await expect(mine.getByRole("main")).toContainText("No alert goes here until the endpoint answers the challenge.");
  await expect(mine.getByRole("main"), "it says how an operator would allow it").toContainText("AVIARY_ALLOW_PRIVATE_WEBHOOKS");
});

test("an alert that cannot be delivered is tried again and says so", async ({ mine, house }) => {
  const path = `/${unique("hook")}`;
  const name = unique("Flaky");
  const key = await mint(mine);
  await addWebhook(mine, house.hooks.url(path), name);
  await subscribe(mine, key.path, name);
  house.hooks.failNext(1);
  await use(house.sandbox, key);
  await house.hooks.call(path, "hit");
  await open(mine, "/deliveries?state=waiting");
  const row = mine.getByRole("table", { name: "Deliveries" }).getByRole("row").filter({ hasText: name });
  await expect(async () => {
    await mine.reload();
    await row.getByText("1 attempt").click({ timeout: 500 });
    await expect(row).toContainText("Refused, 500", { timeout: 500 });
  }).toPass();
  await expect(row).toContainText("Next attempt");
});

test("a destination that is gone keeps its alerts, and gets them once it is mended", async ({ mine, house }) => {
  const path = `/${unique("hook")}`;
  const name = unique("Gone");
  const key = await mint(mine);
  await addWebhook(mine, house.hooks.url(path), name);
  await follow(mine, "Open the destination");
  const page = new URL(mine.url()).pathname;
  await subscribe(mine, key.path, name);

  await test.step("a test says what it answers", async () => {
    await open(mine, page);
    house.hooks.failNext(1, 410);
    await press(mine, "Send a test");
    await expect(mine.getByRole("main")).toContainText("Refused, 410");
    await expect(mine.getByRole("main")).toContainText("told to fail");
  });

  await test.step("what comes now is kept", async () => {
    await use(house.sandbox, key);
    await expect(async () => {
      await open(mine, page);
      await expect(mine.getByRole("table", { name: "Deliveries" })).toContainText("Kept", { timeout: 500 });
    }).toPass();
    await expect(mine.getByRole("main")).toContainText("alerts are kept");
  });

  await test.step("mended, it gets what was kept", async () => {
    await press(mine.getByRole("region", { name: "Send again" }), "Send again");
    await expect(notice(mine)).toContainText("On their way again.");
    await house.hooks.call(path, "hit");
    await expect(async () => {
      await open(mine, page);
      await expect(mine.getByRole("main")).toContainText("Alerts go here.", { timeout: 500 });
    }).toPass();
  });
});

test("whoever got an alert acknowledges by its link, with one press and without signing in", async ({ mine, house, stranger }) => {
  const path = `/${unique("hook")}`;
  const name = unique("Chat");
  const key = await mint(mine);
  await addWebhook(mine, house.hooks.url(path), name);
  await subscribe(mine, key.path, name);
  await use(house.sandbox, key);
  const { card } = (await house.hooks.call(path, "hit")).body.data;
  expect(card.sentence).toContain(`The key planted in ${key.location}`);
  const link = card.actions.find((action: { label: string }) => action.label === "Acknowledge").url;
  const incident = card.actions[0].url;

  const page = await stranger.newPage();
  await open(page, link);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Are you on it?");
  await open(mine, incident);
  await expect(mine.getByRole("main"), "following the link changes nothing").toContainText("Nobody is on it yet.");
  await press(page, "I am on it");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("That is all");
  await open(page, link);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Used already");
  await open(mine, incident);
  await expect(mine.getByRole("main")).toContainText(`Somebody at ${name} is on it.`);
});
