// AWS accounts, in a house of their own each: an account changes what the form for a new token offers.

import type { Page } from "@playwright/test";
import { ACCOUNT, Emulator, hasEmulator } from "../harness/emulator.ts";
import { House } from "../harness/house.ts";
import { faults, outline, tooWide } from "../harness/sound.ts";
import { PASSWORD, choose, field, fill, follow, notice, open, press, scripted, setUp, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

const GRACE = { email: "grace@example.com", password: PASSWORD };

/** Every page about an account is sound, fits a phone, and gives axe nothing to say. */
async function sound(page: Page, base: string, id: string) {
  const list = `${base}/settings/accounts`;
  for (const path of [list, `${list}/${id}`, `${list}/${id}/edit`, `${list}/${id}/remove`, `${base}/tokens/new`, `${base}/health`]) {
    await open(page, path);
    await outline(page, path);
    if (await scripted(page)) expect.soft(await faults(page), path).toEqual([]);
    const size = page.viewportSize()!;
    await page.setViewportSize({ width: 390, height: 844 });
    expect.soft(await tooWide(page), path).toEqual([]);
    await page.setViewportSize(size);
  }
}

test("an account is added, changed and removed", async ({ page, newHouse }) => {
  test.slow();
  await setUp(page, await newHouse.setUpLink(), GRACE);
  await open(page, `${newHouse.url}/settings/accounts`);
  await expect(page.getByRole("main")).toContainText("Tokens are minted in the sandbox only.");
  await expect(page.getByRole("row").filter({ hasText: "Sandbox" })).toContainText("Built in");
  await follow(page, "Add an account");

  await test.step("wrong input comes back beside its field, with the rest kept", async () => {
    await fill(page, { "Account number": "1234", Name: "Production", "Name templates": "svc-{wort}\n", Tags: "cost-center" });
    await choose(page, "What its keys may do", "List one empty bucket");
    await fill(page, { Bucket: "My Honeypot" });
    expect(await press(page, "Add the account")).toBe(422);
    await expect(page.getByRole("alert")).toContainText("Name templates: “svc-{wort}”: `{wort}` is none of");
    await expect(field(page, "Account number")).toHaveAccessibleDescription(/Expected the account's twelve digits/);
    await expect(field(page, "Bucket")).toHaveAttribute("aria-invalid", "true");
    await expect(field(page, "Tags")).toHaveValue("cost-center");
    await expect(field(page, "Name")).toHaveValue("Production");
    await expect(page.getByLabel("List one empty bucket")).toBeChecked();
  });

  if (await scripted(page)) {
    await test.step("with scripting, it is said while one is still at it", async () => {
      await field(page, "Path").fill("/SpaceCrab/");
      await expect(field(page, "Path")).toHaveAccessibleDescription(/known tool for decoys/);
      await field(page, "Path").fill("/batch/");
      await expect(field(page, "Path")).not.toHaveAttribute("aria-invalid", "true");
      await expect(field(page, "Policy document"), "only the fields of the chosen policy are shown").toBeHidden();
    });
  }

  await test.step("mended, it is there", async () => {
    await fill(page, { "Account number": "1111-2222-3333", "Name templates": "svc-{word}-{digits:2}", Tags: "cost-center=1042" });
    await fill(page, { Bucket: "example-exports", Path: "/batch/", "At most this many tokens": "50" });
    expect(await press(page, "Add the account")).toBe(303);
    await expect(notice(page)).toContainText("Test it now");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Production");
    await expect(page.getByRole("main")).toContainText("Not tested yet.");
    await expect(page.getByRole("region", { name: "Users" })).toContainText("May list the bucket example-exports");
    await expect(page.getByRole("main")).toContainText("No queue and no topic is set");
  });

  await test.step("it is changed", async () => {
    await follow(page, "Edit");
    await expect(field(page, "Tags")).toHaveValue("cost-center=1042");
    await fill(page, { Name: "Decoys" });
    await choose(page, "What its keys may do", "Deny everything");
    await press(page, "Save");
    await expect(page.getByRole("region", { name: "Users" })).toContainText("Everything is denied");
  });

  await sound(page, newHouse.url, "111122223333");

  await test.step("the form for a token offers it, and says what it is", async () => {
    await open(page, `${newHouse.url}/tokens/new`);
    const accounts = page.getByRole("group", { name: "Account" });
    await expect(accounts.getByRole("radio")).toHaveCount(2);
    await expect(accounts.getByLabel("Decoys (111122223333)")).toBeChecked();
    await expect(accounts).toContainText("look-alike of AWS and nowhere else");
  });

  await test.step("to remove it one types its number", async () => {
    await open(page, `${newHouse.url}/settings/accounts/111122223333/remove`);
    await fill(page, { "Type the account number to confirm": "111122223333" });
    expect(await press(page, "Remove the account")).toBe(303);
    await expect(notice(page)).toContainText("Removed.");
    await expect(page.getByRole("main")).toContainText("Tokens are minted in the sandbox only.");
  });
});

test("accounts are for admins of the installation", async ({ mine, stranger, house }) => {
  await open(mine, "/settings/people");
  const email = `${unique("vic")}@example.com`;
  const invite = mine.getByRole("region", { name: "Invite somebody" });
  await fill(invite, { "E-mail": email });
  await choose(invite, "Role", "Reviewer");
  await press(invite, "Make the invitation");
  const link = /http\S+\/join\/[\w-]+/.exec(await mine.getByRole("region", { name: "Invited", exact: true }).innerText())![0];
  const page = await stranger.newPage();
  await open(page, link);
  await fill(page, { Password: PASSWORD });
  await press(page, /account/i);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
  await open(page, `${house.url}/settings`);
  await expect(page.getByRole("link", { name: "AWS accounts" })).toHaveCount(0);
  expect((await open(page, `${house.url}/settings/accounts`))?.status()).toBe(403);
});

test("a key is minted in an emulated AWS, and stays arming until it is heard", async ({ page }) => {
  test.skip(!hasEmulator, "ministack is not installed");
  test.slow();
  const aws = await Emulator.open();
  const house = await House.open(aws.variables);
  try {
    await setUp(page, await house.setUpLink(), GRACE);
    await open(page, `${house.url}/settings/accounts/new`);
    await fill(page, { "Account number": ACCOUNT, Name: "Production" });
    await press(page, "Add the account");

    await press(page, "Test this account");
    await expect(page.getByRole("main")).toContainText("everything that a token's life needs was allowed");
    const rights = page.getByRole("region", { name: "Rights" });
    await expect(rights.getByRole("listitem").filter({ hasText: "iam:CreateUser" })).toContainText("Allowed");
    await expect(page.getByRole("region", { name: "Capacity" })).toContainText("of 5,000 users");
    await sound(page, house.url, ACCOUNT);

    await open(page, `${house.url}/tokens/new`);
    await choose(page, "Account", `Production (${ACCOUNT})`);
    await fill(page, { Owner: "Priya Nair", Location: "build server" });
    expect(await press(page, "Mint token")).toBe(200);
    const id = await page.getByTestId("access-key-id").innerText();
    await expect(page.getByRole("main")).toContainText("Aviary is using the key itself to see whether it is heard.");
    await expect(page.getByRole("region", { name: "Try it now" }), "its keys are no keys of the sandbox").toHaveCount(0);

    await follow(page, "Go to the token");
    const armed = page.getByRole("region", { name: "Armed" });
    await expect(armed).toContainText("Not proven");
    await expect(async () => {
      await page.reload();
      await expect(armed).toContainText("Waiting", { timeout: 250 });
    }).toPass();
    await open(page, `${house.url}/tokens?account=${ACCOUNT}`);
    await expect(page.getByRole("row").filter({ hasText: id })).toContainText("not proven");

    await open(page, `${house.url}/settings/accounts/${ACCOUNT}/remove`);
    await expect(page.getByRole("main")).toContainText("Production still holds 1 living token.");
    await page.close();
  } finally {
    await house.stop();
    house.close();
    aws.close();
  }
});
