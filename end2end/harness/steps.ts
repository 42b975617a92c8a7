// What people do, as often as stories need it: fields go by their labels, buttons and links by what they say.

import { randomBytes } from "node:crypto";
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

/** Fields by their labels: text for inputs, the text of an option for lists, a truth value for boxes. */
export type Fields = Record<string, string | boolean>;

/** The field with this label. */
export function field(scope: Page | Locator, label: string): Locator {
  const words = label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return scope.getByLabel(new RegExp(`^${words}( optional)?$`));
}

/** Fills fields in. */
export async function fill(scope: Page | Locator, fields: Fields) {
  for (const [label, value] of Object.entries(fields)) {
    const one = field(scope, label);
    const kind = await one.evaluate((element) => element.localName);
    if (typeof value === "boolean") await one.setChecked(value);
    else if (kind === "select") await one.selectOption({ label: value });
    else await one.fill(value);
  }
}

/** Chooses one of a group of radio buttons. */
export async function choose(scope: Page | Locator, legend: string, option: string) {
  await scope.getByRole("group", { name: legend }).getByLabel(option, { exact: true }).check();
}

/** Presses a button that posts a form, and waits for the page that answers. Gives back the status of that answer. */
export async function press(scope: Page | Locator, name: string | RegExp): Promise<number> {
  const exact = typeof name === "string";
  return answered(scope, () => scope.getByRole("button", { name, exact }).click());
}

/** Does what posts a form, and waits for the page that answers. Gives back the status of that answer. */
export async function answered(scope: Page | Locator, act: () => Promise<void>): Promise<number> {
  const page = "page" in scope ? scope.page() : scope;
  const [answer] = await Promise.all([
    page.waitForResponse((one) => one.request().isNavigationRequest() && one.request().method() === "POST"),
    page.waitForEvent("domcontentloaded"),
    act(),
  ]);
  await ready(page);
  return answer.status();
}

/** Follows a link, and waits for its page. */
export async function follow(scope: Page | Locator, name: string | RegExp) {
  const page = "page" in scope ? scope.page() : scope;
  const exact = typeof name === "string";
  await Promise.all([page.waitForEvent("domcontentloaded"), scope.getByRole("link", { name, exact }).first().click()]);
  await ready(page);
}

/** The short confirmation at the top of a page. */
export function notice(page: Page): Locator {
  return page.locator("main").getByRole("status").filter({ hasText: /\w/ }).first();
}

/** Makes the first admin by the link that the program printed. */
export async function setUp(page: Page, link: string, person: Person) {
  await open(page, link);
  await fill(page, { "Your e-mail": person.email, Password: person.password });
  await press(page, "Make the admin's account");
  await expect(page, "the set-up ends on the overview, signed in").toHaveURL(/\/(\?.*)?$/);
}

/** Signs in by the form. */
export async function signIn(page: Page, person: Person) {
  await open(page, "/sign-in");
  await fill(page, { "E-mail": person.email, Password: person.password });
  expect(await press(page, "Sign in"), "signing in answers with a redirect").toBe(303);
}

/** A word that no other test uses, to find one's own things by. */
export function unique(word: string): string {
  return `${word}-${randomBytes(4).toString("hex")}`;
}

/** A key id of the right shape that belongs to nobody. */
export function keyId(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return `AKIA${Array.from(randomBytes(16), (byte) => letters[byte % 32]).join("")}`;
}

export interface Minted extends Key {
  /** Where it was planted: the name of its page. */
  location: string;
  /** The path of its page. */
  path: string;
}

/** Mints a token by the form and reads the key off the page that shows it once. */
export async function mint(page: Page, fields: Fields = {}): Promise<Minted> {
  const location = String(fields["Location"] ?? unique("~/.aws/credentials on build"));
  await open(page, "/tokens/new");
  // Somebody's only destination is chosen beforehand; a story names whom it wants.
  for (const one of await page.getByRole("group", { name: "Who hears about it" }).getByRole("checkbox").all()) {
    await one.uncheck();
  }
  await fill(page, { Owner: "Priya Nair", ...fields, Location: location });
  expect(await press(page, "Mint token"), "the result page of a mint").toBe(200);
  const path = await page.getByRole("link", { name: "Go to the token" }).getAttribute("href");
  return { ...(await shownKey(page)), location, path: path! };
}

/** Reads key id and secret off the page that shows them. */
export async function shownKey(page: Page): Promise<Key> {
  const text = await page.getByRole("main").innerText();
  const id = /\bA[KS]IA[A-Z2-7]{16}\b/.exec(text)?.[0];
  const secret = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/.exec(text)?.[0];
  if (!id || !secret) throw new Error(`no key and secret on the page:\n${text}`);
  return { id, secret };
}

/** The hits of this call on a token's or an incident's page, latest first. */
export function hits(page: Page, call: string): Locator {
  // Below each stands a row with its record.
  return timeline(page).getByRole("row").filter({ hasText: call, has: page.getByRole("time") });
}

/** The timeline on a token's or an incident's page. */
export function timeline(page: Page): Locator {
  return page.getByRole("table", { name: "Hits, latest first" });
}

/** Opens what is folded behind a line. */
export async function unfold(scope: Page | Locator, line: string | RegExp) {
  await scope.locator("summary").filter({ hasText: line }).click();
}

/** Waits until a page shows something: by itself where scripts run, after reloading where they do not. */
export async function appears(page: Page, what: Locator) {
  if (await scripted(page)) return expect(what).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(what).toBeVisible({ timeout: 250 });
  }).toPass({ timeout: 15_000 });
}

/** Makes an API key by its page. */
export async function apiKey(page: Page, role: string): Promise<string> {
  await open(page, "/settings/api-keys");
  const form = page.getByRole("region", { name: "New API key" });
  await fill(form, { Name: unique("program") });
  await choose(form, "Role", role);
  expect(await press(form, "Make the key")).toBe(200);
  const shown = page.getByRole("region", { name: "Your new key" });
  return (await shown.getByRole("code").first().innerText()).trim();
}
