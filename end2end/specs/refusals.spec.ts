// What a provider, or somebody between, could get wrong: each answer is refused in the browser, with its reason.

import { Liar } from "../harness/liar.ts";
import type { Lie } from "../harness/liar.ts";
import { addProvider, begin } from "../harness/providers.ts";
import { faults, outline, tooWide } from "../harness/sound.ts";
import { follow, open, ready, scripted, signIn, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

const LIES: Record<Lie, string> = {
  nonce: "belongs to another sign-in",
  state: "belongs to another sign-in",
  audience: "meant for another application",
  issuer: "comes from another issuer",
  expired: "time is over",
  none: "not signed",
  secret: "signed with HS256",
  key: "signature is wrong",
};

test("answers of a provider that do not fit let nobody in", async ({
  mine,
  stranger,
  browser,
  house,
  admin,
  javaScriptEnabled,
}) => {
  const liar = await Liar.open();
  try {
    const way = begin(await addProvider(mine, liar, unique("Liar")));
    const page = await stranger.newPage();
    for (const [lie, words] of Object.entries(LIES)) {
      await test.step(lie, async () => {
        liar.lie = lie as Lie;
        const answer = await page.goto(way);
        await ready(page);
        expect(answer?.status()).toBe(401);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("Signing in did not work");
        await expect(page.getByRole("alert")).toContainText(words);
        await open(page, "/tokens");
        await expect(page, "nobody is signed in").toHaveURL(/\/sign-in/);
      });
    }

    await test.step("the page of a refusal is sound, and leads back", async () => {
      liar.lie = "key";
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto(way);
      await ready(page);
      await outline(page, "a refusal");
      expect(await tooWide(page)).toEqual([]);
      if (await scripted(page)) expect(await faults(page)).toEqual([]);
      await follow(page, "Sign in another way");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
    });

    await test.step("one that is away when they come back from it is said to be that, and the local door opens", async () => {
      liar.lie = undefined;
      liar.away = true;
      // A browser that may be told 503: that is what is wanted here.
      const context = await browser.newContext({ baseURL: house.url, javaScriptEnabled });
      const theirs = await context.newPage();
      expect((await theirs.goto(way))?.status()).toBe(503);
      await ready(theirs);
      await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("Not reachable just now");
      await expect(theirs.getByRole("alert")).toContainText("whoever has a password here can sign in with that");
      await follow(theirs, "Sign in another way");
      await signIn(theirs, admin);
      await context.close();
      liar.away = false;
    });

    await test.step("the same provider, once it tells the truth, lets its people in", async () => {
      await page.goto(way);
      await expect(page).toHaveURL(`${house.url}/tokens`);
      await ready(page);
    });
  } finally {
    liar.close();
  }
});
