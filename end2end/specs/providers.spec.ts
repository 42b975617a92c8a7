import { IdentityProvider, hasProvider } from "../harness/oidc.ts";
import type { Claims } from "../harness/oidc.ts";
import { addProvider, addresses, begin } from "../harness/providers.ts";
import { faults, outline, tooWide } from "../harness/sound.ts";
import { PASSWORD, follow, open, press, ready, scripted, setUp, signIn, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

test.skip(!hasProvider, "signing in through a provider needs npm's oidc-provider");

/** Goes through the provider's own page. */
async function through(page: Page, path: string, login: string) {
  await page.goto(begin(path));
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
    const path = await addProvider(mine, provider, name);
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
  const path = await addProvider(mine, provider, unique("Away"));
  // A browser that may be told 503: that is what is wanted here.
  const context = await browser.newContext({ baseURL: house.url, javaScriptEnabled });
  const page = await context.newPage();
  const answer = await page.goto(begin(path));
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

test("a provider that is away when Aviary starts keeps nobody else out, and is back when it is", async ({
  browser,
  newHouse,
  javaScriptEnabled,
}) => {
  test.slow();
  const grace = { email: "grace@example.com", password: PASSWORD };
  const provider = await IdentityProvider.make();
  // These browsers may be told 503: that is what is wanted here.
  const at = (house: typeof newHouse) => browser.newContext({ baseURL: house.url, javaScriptEnabled });
  const [hers, theirs] = [await at(newHouse), await at(newHouse)];
  try {
    const mine = await hers.newPage();
    await setUp(mine, await newHouse.setUpLink(), grace);
    const path = await addProvider(mine, provider, "Example", newHouse.url);
    const registered = await addresses(mine);
    await newHouse.stop();
    await newHouse.start();

    const page = await theirs.newPage();
    await test.step("the page of the way in offers both doors; the provider's says what is the matter", async () => {
      await open(page, "/sign-in");
      const [answer] = await Promise.all([page.waitForNavigation(), page.getByRole("link", { name: "Example" }).click()]);
      await ready(page);
      expect(answer?.status()).toBe(503);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not reachable just now");
      await expect(page.getByRole("alert")).toContainText("Example does not answer just now. Try again in a moment.");
      await outline(page, "a provider that is away");
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await tooWide(page)).toEqual([]);
      if (await scripted(page)) expect(await faults(page)).toEqual([]);
    });

    await test.step("the local door opens", async () => {
      await follow(page, "Sign in another way");
      await signIn(page, grace);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
    });

    await test.step("the provider is back, and its door opens without another start", async () => {
      const pia = { email: "pia@example.com", email_verified: true, groups: ["aviary-placers"] };
      await provider.start({ pia }, ...registered);
      await theirs.clearCookies();
      await through(page, path, "pia");
      await expect(page).toHaveURL(`${newHouse.url}/tokens`);
      await ready(page);
    });
  } finally {
    await provider.stop();
    await hers.close();
    await theirs.close();
  }
});
