// How an admin lets people in through an identity provider: by the forms of the settings.

import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { choose, fill, follow, notice, open, press } from "./steps.ts";

/** What Aviary has to know of a provider. */
interface There {
  issuer: string;
  client: { id: string; secret: string };
}

/** Adds a provider by the form, switched on, with a rule for placers; the path of its page. `base` is the console's address. */
export async function addProvider(mine: Page, there: There, name: string, base = ""): Promise<string> {
  await open(mine, `${base}/settings/providers`);
  await follow(mine, "Add a provider");
  await fill(mine, {
    Name: name,
    Issuer: there.issuer,
    "Client identifier": there.client.id,
    "Client secret": there.client.secret,
    "People can sign in through this provider": true,
  });
  await choose(mine, "People without an account here", "By rules only");
  expect(await press(mine, "Add the provider")).toBe(303);
  await expect(notice(mine)).toContainText("Register the addresses below");
  const page = mine.url().split("?")[0]!;

  await follow(mine, "Change");
  await addRule(mine, "groups");
  await open(mine, page);
  return new URL(page).pathname;
}

/** Adds a rule on a provider's page of rules: whoever has `aviary-placers` in this claim may place. */
export async function addRule(mine: Page, claim: string) {
  await fill(mine, { Claim: claim, Value: "aviary-placers", Where: "Team Security" });
  await choose(mine, "Role", "Placer");
  expect(await press(mine, "Add the rule")).toBe(303);
  await expect(mine.getByRole("region", { name: "What holds" })).toContainText("Placer, Team Security");
}

/** What is to be registered at the provider: where people come back to, and where they go when they have signed out. */
export async function addresses(mine: Page): Promise<[string, string]> {
  const codes = mine.getByRole("region", { name: "Register there" }).getByRole("code");
  return [(await codes.nth(0).innerText()).trim(), (await codes.nth(1).innerText()).trim()];
}

/** Where a sign-in begins through the provider with this page. */
export function begin(path: string): string {
  return `/oidc/${path.split("/").pop()}/begin?next=/tokens`;
}
