import { changeRole, invite, join } from "../harness/people.ts";
import { PASSWORD, field, fill, follow, mint, notice, open, press, signIn, unfold } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { BrowserContext, Page } from "@playwright/test";

/** Somebody who has a token and whose proof that it is them was taken back. */
async function stale(mine: Page, stranger: BrowserContext) {
  const { email, link } = await invite(mine, "Placer");
  const page = await join(stranger, link);
  const key = await mint(page);
  await changeRole(mine, email, "Admin");
  return { page, key };
}

test("somebody sees where they are signed in, and signs out everywhere else", async ({ page, stranger, admin }) => {
  await signIn(page, admin);
  const other = await stranger.newPage();
  await signIn(other, admin);

  await open(page, "/settings");
  const region = page.getByRole("region", { name: "Where you are signed in" });
  const rows = region.getByRole("row");
  await expect(rows.filter({ hasText: "This one" })).toHaveCount(1);
  await expect(rows.filter({ hasText: "This one" })).toContainText(/Chrome on \w+/);
  await expect(rows.filter({ hasText: "This one" })).toContainText("127.0.0.1");
  await expect(region.getByRole("button", { name: /^End the session of / }).first()).toBeVisible();

  await press(region, "Sign out everywhere else");
  await expect(notice(page)).toHaveText("You are signed out everywhere else.");
  await expect(region.getByRole("button")).toHaveCount(0);
  await open(other, "/tokens");
  await expect(other).toHaveURL(/\/sign-in/);
  await open(page, "/tokens");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Tokens");
});

test("one place is ended without the others", async ({ page, stranger, mine }) => {
  const { email, link } = await invite(mine, "Viewer");
  const theirs = await join(stranger, link);
  await page.context().clearCookies();
  await signIn(page, { email, password: PASSWORD });
  await open(page, "/settings");
  await press(page.getByRole("region", { name: "Where you are signed in" }), /^End the session of /);
  await expect(notice(page)).toHaveText("That session is ended.");
  await open(theirs, "/tokens");
  await expect(theirs).toHaveURL(/\/sign-in/);
});

test("an admin signs somebody out everywhere", async ({ mine, stranger }) => {
  const { email, link } = await invite(mine, "Viewer");
  const page = await join(stranger, link);
  await open(mine, "/settings/people");
  const entry = mine.getByRole("listitem").filter({ hasText: email }).first();
  await unfold(entry, "Change");
  await press(entry, `Sign out everywhere: ${email}`);
  await expect(notice(mine)).toContainText("Signed out everywhere.");
  await open(page, "/tokens");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a forgotten password is chosen anew by a link in a mail", async ({ mine, stranger, house }) => {
  const { email, link } = await invite(mine, "Viewer");
  const page = await join(stranger, link);
  await press(page, "Sign out");
  await follow(page, "Forgot your password?");
  await fill(page, { "E-mail": email });
  expect(await press(page, "Mail me a link")).toBe(303);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Look at your mail");

  const mail = await house.mail.to(email, "Choose a new password");
  const reset = /http\S+\/reset\/[\w-]+/.exec(mail.text)![0];
  const next = "walnut drawer 7 kettle";
  await test.step("the link says for whom it is, and asks for a good password", async () => {
    await open(page, reset);
    await expect(page.getByRole("main")).toContainText(email);
    await fill(page, { "New password": "passwordpassword" });
    expect(await press(page, "Change password")).toBe(422);
    await expect(field(page, "New password")).toHaveAccessibleDescription(/common/i);
    await fill(page, { "New password": next });
    expect(await press(page, "Change password")).toBe(303);
    await expect(notice(page)).toContainText("Your password is changed");
  });

  await test.step("only the new one opens the door, and a mail says that it was changed", async () => {
    await fill(page, { "E-mail": email, Password: PASSWORD });
    expect(await press(page, "Sign in")).toBe(401);
    await fill(page, { Password: next });
    expect(await press(page, "Sign in")).toBe(303);
    expect((await house.mail.to(email, "was changed")).text).toContain("/forgot");
  });

  await test.step("the link works once", async () => {
    expect((await open(page, reset))?.status()).toBe(404);
    await expect(page.getByRole("alert")).toContainText("This link was used already");
  });
});

test("a secret is shown after a proof that it is them", async ({ mine, stranger }) => {
  const { page, key } = await stale(mine, stranger);
  await open(page, `${key.path}/secret`);
  expect(await press(page, "Show the secret")).toBe(403);
  await expect(page.getByRole("main")).not.toContainText(key.secret);
  expect(await press(page, "Confirm that it is you")).toBe(200);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Confirm that it is you");

  await fill(page, { Password: "not the password" });
  expect(await press(page, "Confirm")).toBe(422);
  await expect(field(page, "Password")).toHaveAttribute("aria-invalid", "true");
  await fill(page, { Password: PASSWORD });
  expect(await press(page, "Confirm"), "nothing was typed, so it goes back by itself").toBe(303);
  await expect(notice(page)).toContainText("It is you.");
  expect(await press(page, "Show the secret")).toBe(200);
  await expect(page.getByRole("main")).toContainText(key.secret);
});

test("what was typed before a proof is there after it", async ({ mine, stranger }) => {
  const { page, key } = await stale(mine, stranger);
  await open(page, `${key.path}/revoke`);
  await fill(page, { "Type the access key id to confirm": key.id });
  expect(await press(page, "Revoke the token")).toBe(403);
  await expect(field(page, "Type the access key id to confirm")).toHaveValue(key.id);
  expect(await press(page, "Confirm that it is you")).toBe(200);
  await fill(page, { Password: PASSWORD });
  expect(await press(page, "Confirm")).toBe(200);
  await expect(field(page, "Type the access key id to confirm")).toHaveValue(key.id);
  expect(await press(page, "Revoke the token")).toBe(303);
  await expect(notice(page)).toContainText("Revoked.");
});
