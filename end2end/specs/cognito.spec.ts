// Coming in through a user pool of Amazon Cognito, as the emulated AWS plays it. Its issuer is an address of AWS while it
// listens here, so that the address of its configuration is set apart; and its way of signing out is its own.

import type { Page } from "@playwright/test";
import { THERE, UserPool } from "../harness/cognito.ts";
import { Emulator, hasEmulator } from "../harness/emulator.ts";
import { addRule, addresses, begin } from "../harness/providers.ts";
import { choose, fill, follow, open, press, ready, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

test.skip(!hasEmulator, "Cognito needs ministack and the aws command in AVIARY_TEST_VENV");

/** Goes through Cognito's own page. */
async function through(page: Page, way: string, there: string, user: string) {
  await page.goto(way);
  expect(page.url().startsWith(there), "Cognito's page").toBe(true);
  await page.getByLabel(/user/i).first().fill(user);
  await page.getByLabel(/password/i).first().fill(THERE);
  await Promise.all([page.waitForURL((url) => !url.href.startsWith(there)), page.getByRole("button").first().click()]);
  await ready(page);
}

test("people of a user pool come in by their groups, and sign out there, too", async ({ mine, browser, house, javaScriptEnabled }) => {
  test.slow();
  const emulator = await Emulator.open();
  // Browsers of their own: whatever the emulator's pages make a browser say is not ours.
  const fresh = async () => (await browser.newContext({ baseURL: house.url, javaScriptEnabled })).newPage();
  try {
    const pool = await UserPool.make(emulator);
    const placer = `${unique("cora")}@example.com`;
    await pool.add("cora", placer, "aviary-placers");
    await pool.add("eve", `${unique("eve")}@example.com`);

    const name = unique("Staff");
    let way = "";
    await test.step("an admin adds the pool; its client needs addresses with our name for it", async () => {
      await open(mine, "/settings/providers");
      await follow(mine, "Add a provider");
      await choose(mine, "Kind", "Amazon Cognito");
      await fill(mine, {
        Name: name,
        Issuer: pool.issuer,
        "Configuration's address": pool.configuration,
        "Client identifier": "not there yet",
        "Domain of Cognito's sign-in pages": emulator.url,
        Scopes: "openid email",
      });
      await choose(mine, "People without an account here", "By rules only");
      expect(await press(mine, "Add the provider")).toBe(303);
      const path = new URL(mine.url()).pathname;
      way = begin(path);
      const client = await pool.client(...(await addresses(mine)));
      await open(mine, `${path}/edit`);
      await fill(mine, {
        "Client identifier": client.id,
        "Client secret": client.secret,
        "People can sign in through this provider": true,
      });
      expect(await press(mine, "Save")).toBe(303);
      await press(mine, "Test this provider");
      const found = mine.getByRole("region", { name: "Test", exact: true });
      await expect(found).toContainText("Goes on to Cognito");
      await expect(found.getByText("Broken")).toHaveCount(0);
      await open(mine, `${path}/rules`);
      await addRule(mine, "cognito:groups");
    });

    const page = await fresh();
    await test.step("somebody in the group comes in, and may place", async () => {
      await through(page, way, emulator.url, "cora");
      await expect(page).toHaveURL(`${house.url}/tokens`);
      expect((await open(page, "/tokens/new"))?.status()).toBe(200);
      expect((await open(page, "/settings/people"))?.status()).toBe(403);
      await open(page, "/settings");
      await expect(page.getByRole("main")).toContainText(`By the rules for ${name}`);
    });

    await test.step("signing out goes by way of Cognito's address for that, and comes back", async () => {
      const asked = page.waitForRequest((request) => new URL(request.url()).pathname === "/logout");
      await page.getByRole("button", { name: "Sign out" }).click();
      const left = new URL((await asked).url());
      expect(left.origin).toBe(emulator.url);
      expect(left.searchParams.get("logout_uri")).toBe(`${house.url}/signed-out`);
      expect(left.searchParams.get("client_id")).toBeTruthy();
      await expect(page).toHaveURL(new RegExp(`^${house.url}/signed-out`));
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Signed out");
      await open(page, "/tokens");
      await expect(page).toHaveURL(/\/sign-in/);
    });

    await test.step("somebody in no group stays out", async () => {
      const other = await fresh();
      await through(other, way, emulator.url, "eve");
      await expect(other.getByRole("heading", { level: 1 })).toHaveText("You are not let in");
    });
  } finally {
    emulator.close();
  }
});
