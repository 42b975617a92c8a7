import { IdentityProvider, hasProvider } from "../harness/oidc.ts";
import type { Claims } from "../harness/oidc.ts";
import { choose, fill, follow, notice, open, press, ready, signIn, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

test.skip(!hasProvider, "signing in through a provider needs npm's oidc-provider");

/** Adds a provider by the form, switched on, with a rule for placers; the path of its page. */
async function add(mine: Page, provider: IdentityProvider, name: string): Promise<string> {
  await open(mine, "/settings/providers");
  await follow(mine, "Add a provider");
  await fill(mine, {
    Name: name,
    Issuer: provider.issuer,
    "Client identifier": provider.client.id,
    "Client secret": provider.client.secret,
    "People can sign in through this provider": true,
  });
  await choose(mine, "People without an account here", "By rules only");
  expect(await press(mine, "Add the provider")).toBe(303);
  await expect(notice(mine)).toContainText("Register the addresses below");
  const path = new URL(mine.url()).pathname;

  await follow(mine, "Change");
  await fill(mine, { Claim: "groups", Value: "aviary-placers", Where: "Team Security" });
  await choose(mine, "Role", "Placer");
  expect(await press(mine, "Add the rule")).toBe(303);
  await expect(mine.getByRole("region", { name: "What holds" })).toContainText("Placer, Team Security");
  await open(mine, path);
  return path;
}

async function addresses(mine: Page): Promise<[string, string]> {
  const codes = mine.getByRole("region", { name: "Register there" }).getByRole("code");
  return [(await codes.nth(0).innerText()).trim(), (await codes.nth(1).innerText()).trim()];
}

/** Goes through the provider's own page. */
async function through(page: Page, path: string, login: string) {
  await page.goto(`/oidc/${path.split("/").pop()}/begin?next=/tokens`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("The provider's own page");
  await page.getByLabel("Login").fill(login);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("people come in through their organisation's provider with the roles of their groups, and leave by it", async ({
  mine,
  stranger,
  house,
}) => {
  const provider = await IdentityProvider.make();
  const [placer, other] = [`${unique("pia")}@example.com`, `${unique("otto")}@example.com`];
  const people: Record<string, Claims> = {
    pia: { email: placer, email_verified: true, groups: ["staff", "aviary-placers"] },
    otto: { email: other, email_verified: true, groups: ["staff"] },
  };
  try {
    const name = unique("Example");
    const path = await add(mine, provider, name);
    await provider.start(people, ...(await addresses(mine)));

    await test.step("an admin tests it", async () => {
      await press(mine, "Test this provider");
      const found = mine.getByRole("region", { name: "Test", exact: true });
      await expect(found).toContainText("RS256");
      await expect(found.getByText("Broken")).toHaveCount(0);
    });

    const page = await stranger.newPage();
    await test.step("a placer comes in, and may place", async () => {
      await through(page, path, "pia");
      await expect(page).toHaveURL(`${house.url}/tokens`);
      await ready(page);
      expect((await open(page, "/tokens/new"))?.status()).toBe(200);
      expect((await open(page, "/settings/people"))?.status()).toBe(403);
      await open(page, "/settings");
      await expect(page.getByRole("main")).toContainText(`By the rules for ${name}`);
    });

    await test.step("signing out goes on to the provider, and comes back", async () => {
      await page.getByRole("button", { name: "Sign out" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign out");
      await page.getByRole("button", { name: "Sign out here, too" }).click();
      await expect(page).toHaveURL(new RegExp(`^${house.url}/signed-out`));
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Signed out");
      await ready(page);
      await open(page, "/tokens");
      await expect(page).toHaveURL(/\/sign-in/);
    });

    await test.step("somebody whose groups give no role stays out, and reads why", async () => {
      await through(page, path, "otto");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are not let in");
      await expect(page.getByRole("alert")).toContainText("which group you need");
      await expect(page.getByRole("link", { name: "Sign in another way" })).toBeVisible();
    });

    await test.step("somebody whom the provider does not know comes back without a session", async () => {
      await stranger.clearCookies();
      await through(page, path, "nobody");
      await expect(page.getByRole("alert")).toContainText("You did not sign in at");
    });
  } finally {
    await provider.stop();
  }
});

test("a provider that is away closes its own door alone", async ({ mine, browser, house, admin, javaScriptEnabled }) => {
  const provider = await IdentityProvider.make();
  const path = await add(mine, provider, unique("Away"));
  // A browser that may be told 503: that is what is wanted here.
  const context = await browser.newContext({ baseURL: house.url, javaScriptEnabled });
  const page = await context.newPage();
  const answer = await page.goto(`/oidc/${path.split("/").pop()}/begin`);
  expect(answer?.status()).toBe(503);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not reachable just now");
  await ready(page);
  await follow(page, "Sign in another way");
  await signIn(page, admin);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
  await context.close();

  await test.step("its test says what is wrong", async () => {
    await press(mine, "Test this provider");
    const found = mine.getByRole("region", { name: "Test", exact: true });
    await expect(found).toContainText("Broken");
    await expect(found).toContainText(provider.issuer);
  });
});
