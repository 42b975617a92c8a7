// What every spec imports: `test` with a running Aviary (`house`), its first admin (`admin`) and a page that may not
// make the browser complain.

import { expect, test as base } from "@playwright/test";
import type { BrowserContext, Page } from "@playwright/test";
import { House } from "./house.ts";
import { PASSWORD, setUp } from "./steps.ts";
import type { Person } from "./steps.ts";
import { listen } from "./quiet.ts";

interface ForTests {
  /** Complaints of the browser; a test fails if there are any when it ends. */
  complaints: string[];
  /** A page on which the first admin is signed in. */
  mine: Page;
  /** An Aviary that nobody has set up, for this test alone. */
  newHouse: House;
  /** A browser of somebody else: cookies of its own, and just as quiet. */
  stranger: BrowserContext;
}

interface ForWorkers {
  house: House;
  /** The first admin, made through the set-up link. */
  admin: Person;
}

export const test = base.extend<ForTests, ForWorkers>({
  house: [
    async ({}, use) => {
      const house = await House.open();
      await use(house);
      await house.stop();
      house.close();
    },
    { scope: "worker" },
  ],

  admin: [
    async ({ house, browser }, use) => {
      const person = { email: "ada@example.com", password: PASSWORD };
      const context = await browser.newContext({ javaScriptEnabled: false });
      await setUp(await context.newPage(), await house.setUpLink(), person);
      await context.close();
      await use(person);
    },
    { scope: "worker" },
  ],

  baseURL: async ({ house }, use) => use(house.url),

  complaints: [
    async ({ context, house }, use, info) => {
      const complaints = listen(context);
      const from = house.output.length;
      await use(complaints);
      if (info.status !== info.expectedStatus) {
        await info.attach("aviary.log", { body: house.output.slice(from), contentType: "text/plain" });
      }
      expect(complaints, "the browser complained").toEqual([]);
    },
    { auto: true },
  ],

  mine: async ({ context, page, admin }, use) => {
    // A session for this test alone: one that ends or changes in a test is not missed by the next, and each begins with a
    // fresh proof that it is the admin.
    const { email, password } = admin;
    const answer = await context.request.post("/sign-in", { form: { email, password }, maxRedirects: 0 });
    expect(answer.status(), "the admin signs in").toBe(303);
    await use(page);
  },

  newHouse: async ({}, use) => {
    const house = await House.open();
    await use(house);
    await house.stop();
    house.close();
  },

  stranger: async ({ browser, house, javaScriptEnabled }, use) => {
    const context = await browser.newContext({ baseURL: house.url, javaScriptEnabled });
    const complaints = listen(context);
    await use(context);
    await context.close();
    expect(complaints, "the stranger's browser complained").toEqual([]);
  },
});

export { expect };
