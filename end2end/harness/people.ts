// Somebody else than the first admin: invited by them, in a browser of their own.

import { expect } from "@playwright/test";
import type { BrowserContext, Page } from "@playwright/test";
import { PASSWORD, choose, fill, notice, open, press, unfold, unique } from "./steps.ts";

/** Invites somebody to the team Security; the address and the link. */
export async function invite(mine: Page, role: string): Promise<{ email: string; link: string }> {
  const email = `${unique(role.toLowerCase())}@example.com`;
  await open(mine, "/settings/people");
  const form = mine.getByRole("region", { name: "Invite somebody" });
  await fill(form, { "E-mail": email, Where: "Team Security" });
  await choose(form, "Role", role);
  expect(await press(form, "Make the invitation")).toBe(200);
  const shown = await mine.getByRole("region", { name: "Invited", exact: true }).innerText();
  return { email, link: /http\S+\/join\/[\w-]+/.exec(shown)![0] };
}

/** Follows an invitation; the page on which they are signed in. */
export async function join(stranger: BrowserContext, link: string): Promise<Page> {
  const page = await stranger.newPage();
  await open(page, link);
  await fill(page, { Password: PASSWORD });
  await press(page, "Make my account");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
  return page;
}

/** Gives somebody another role in the team Security. Their proof that it is them is taken back by it. */
export async function changeRole(mine: Page, email: string, role: string) {
  await open(mine, "/settings/people");
  const entry = mine.getByRole("listitem").filter({ hasText: email }).first();
  await unfold(entry, "Change");
  await fill(entry, { "Team Security": role });
  await press(entry, "Save");
  await expect(notice(mine)).toHaveText("The role is changed.");
}
