// What people do, as often as stories need it. Fields go by their names, which are the contract of the forms.

import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import type { Key } from "./aws.ts";

export interface Person {
  email: string;
  password: string;
}

/** Long, and on no list of common ones. */
export const PASSWORD = "plum orchard lantern 42";

/** Opens a page and waits until it is ready to be used. */
export async function open(page: Page, path: string) {
  const answer = await page.goto(path);
  await ready(page);
  return answer;
}

/** Waits until the islands are awake; at once where scripting is off. */
export async function ready(page: Page) {
  if (await scripted(page)) await page.locator("html[data-hydrated]").waitFor({ state: "attached" });
}

/** Whether this page runs scripts. */
export async function scripted(page: Page): Promise<boolean> {
  // With scripting off, browsers read what stands in <noscript> as elements; Playwright has no direct question.
  return page.evaluate(() => matchMedia("(scripting: enabled)").matches);
}

/** The form that posts to this path such as `/tokens/new`. */
export function form(page: Page, action: string): Locator {
  return page.locator(`form[method="post" i][action="${action}"]`);
}

/** Fills fields by name: text for inputs, an option's value for selects and radios, a truth value for checkboxes. */
export async function fill(scope: Locator, values: Record<string, string | boolean | string[]>) {
  for (const [name, value] of Object.entries(values)) {
    const field = scope.locator(`[name="${name}"]`);
    const kind = await field.first().evaluate((one) => (one instanceof HTMLInputElement ? one.type : one.localName));
    if (kind === "radio" || (kind === "checkbox" && typeof value !== "boolean")) {
      for (const one of [value].flat()) await scope.locator(`[name="${name}"][value="${one}"]`).check();
    } else if (typeof value === "boolean") {
      await field.setChecked(value);
    } else if (kind === "select") {
      await field.selectOption(value);
    } else {
      await field.fill(String(value));
    }
  }
}

/** Presses the form's button and waits for the page that answers. */
export async function submit(scope: Locator) {
  const page = scope.page();
  const answer = page.waitForResponse((one) => one.request().isNavigationRequest() && one.request().method() === "POST");
  await scope.locator('button[type="submit"], button:not([type])').first().click();
  const status = (await answer).status();
  await page.waitForLoadState();
  await ready(page);
  return status;
}

/** Makes the first admin by the link that the program printed. */
export async function setUp(page: Page, link: string, person: Person) {
  await page.goto(link);
  const here = page.locator('form[method="post" i]:has([name="password"])');
  await fill(here, { email: person.email, password: person.password });
  await submit(here);
  await expect(page, "the set-up ends on the overview, signed in").toHaveURL(/\/(\?.*)?$/);
}

/** Signs in by the form, from wherever the page is. */
export async function signIn(page: Page, person: Person) {
  await open(page, "/sign-in");
  const here = page.locator('form[method="post" i]:has([name="password"])');
  await fill(here, { email: person.email, password: person.password });
  const status = await submit(here);
  expect(status, "signing in answers with a redirect").toBe(303);
}

export interface Planted {
  owner: string;
  location: string;
  [field: string]: string | boolean | string[];
}

/** Mints a token by the form and gives back the key that the result page shows once. */
export async function mint(page: Page, fields: Planted): Promise<Key> {
  await open(page, "/tokens/new");
  const here = page.locator('form[method="post" i]:has([name="location"])');
  await fill(here, fields);
  const status = await submit(here);
  expect(status, "the result page of a mint").toBe(200);
  return shownKey(page);
}

/** Reads key id and secret off the page that shows them. */
export async function shownKey(page: Page): Promise<Key> {
  const text = await page.locator("main").innerText();
  const id = /\bA[KS]IA[A-Z2-7]{16}\b/.exec(text)?.[0];
  const secret = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/.exec(text)?.[0];
  if (!id || !secret) throw new Error(`no key and secret on the page:\n${text}`);
  return { id, secret };
}
