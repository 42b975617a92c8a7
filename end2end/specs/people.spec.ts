import { PASSWORD, apiKey, choose, field, fill, follow, mint, notice, open, press, unfold, unique } from "../harness/steps.ts";
import { invite, join } from "../harness/people.ts";
import { expect, test } from "../harness/test.ts";

test("a viewer who was invited sees the team's tokens, and can neither mint nor reveal", async ({ mine, stranger, house }) => {
  const key = await mint(mine);
  const { email, link } = await invite(mine, "Viewer");
  await expect(mine.getByRole("region", { name: "Invited, not here yet" })).toContainText(email);
  expect((await house.mail.to(email)).text, "the link goes out by mail, too").toContain(link);

  const page = await stranger.newPage();
  await test.step("the invitation says for whom it is, and asks for a good password", async () => {
    await open(page, link);
    await expect(page.getByRole("main")).toContainText(email);
    await expect(page.getByRole("main")).toContainText("Security");
    await fill(page, { Password: "passwordpassword" });
    expect(await press(page, "Make my account")).toBe(422);
    await expect(field(page, "Password")).toHaveAccessibleDescription(/common/i);
    await fill(page, { Password: PASSWORD });
    expect(await press(page, "Make my account")).toBe(303);
  });

  await test.step("they see the token and its hits", async () => {
    await open(page, "/tokens");
    await expect(page.getByRole("link", { name: "New token" })).toHaveCount(0);
    await open(page, key.path);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(key.location);
    await expect(page.getByRole("region", { name: "Key", exact: true })).toContainText(key.id);
  });

  await test.step("nothing there lets them change it", async () => {
    for (const name of ["Show secret", "Disable", "Revoke", "Edit"]) {
      await expect(page.getByRole("main").getByRole("link", { name, exact: true })).toHaveCount(0);
    }
    await open(page, `${key.path}/secret`);
    await expect(page.getByRole("main")).toContainText("Only the person who minted this token and admins");
    await expect(page.getByRole("button", { name: "Show the secret" })).toHaveCount(0);
  });

  await test.step("nor does the address, or a request made by hand", async () => {
    expect((await open(page, "/tokens/new"))?.status()).toBe(403);
    await expect(page.getByRole("alert")).toContainText("Not for you");
    const headers = { origin: house.url, "sec-fetch-site": "same-origin" };
    for (const path of ["/tokens/new", `${key.path}/secret`, `${key.path}/revoke`, `${key.path}/disable`]) {
      const answer = await page.request.post(path, { headers, form: { owner: "x", location: "y", confirm: key.id } });
      expect(answer.status(), path).toBe(403);
      expect(await answer.text()).not.toContain(key.secret);
    }
    for (const path of ["/settings/people", "/settings/api-keys", "/settings/audit"]) {
      expect((await open(page, path))?.status(), path).toBe(403);
    }
  });

  await test.step("the link works once", async () => {
    await stranger.clearCookies();
    expect((await open(page, link))?.status()).toBe(404);
  });
});

test("what somebody may do follows their role at once", async ({ mine, stranger }) => {
  const { email, link } = await invite(mine, "Viewer");
  const page = await join(stranger, link);
  expect((await open(page, "/tokens/new"))?.status()).toBe(403);

  await open(mine, "/settings/people");
  const entry = mine.getByRole("listitem").filter({ hasText: email }).first();
  await unfold(entry, "Change");
  await fill(entry, { "Team Security": "Placer" });
  await press(entry, "Save");
  await expect(notice(mine)).toHaveText("The role is changed.");
  expect((await open(page, "/tokens/new"))?.status()).toBe(200);

  await test.step("switched off, they are out", async () => {
    await unfold(entry, "Change");
    await unfold(entry, "Switch the account off");
    await press(entry, `Switch off ${email}`);
    await expect(notice(mine)).toContainText("The account is switched off");
    await open(page, "/tokens");
    await expect(page).toHaveURL(/\/sign-in/);
  });
});

test("an invitation can be taken back", async ({ mine, stranger }) => {
  const { email, link } = await invite(mine, "Reviewer");
  await press(mine.getByRole("listitem").filter({ hasText: email }), /^Take back/);
  await expect(notice(mine)).toHaveText("The invitation no longer works.");
  const page = await stranger.newPage();
  expect((await open(page, link))?.status()).toBe(404);
});

test("a new password ends one's other sessions", async ({ mine, stranger, browser, house, javaScriptEnabled }) => {
  const { email, link } = await invite(mine, "Placer");
  const page = await join(stranger, link);
  const elsewhere = await browser.newContext({ baseURL: house.url, javaScriptEnabled });
  await elsewhere.addCookies(await stranger.cookies());

  await open(page, "/settings");
  const next = "walnut drawer 7 kettle";
  await fill(page, { "Current password": "something else", "New password": next });
  expect(await press(page, "Change password")).toBe(422);
  await expect(field(page, "Current password")).toHaveAttribute("aria-invalid", "true");
  await fill(page, { "Current password": PASSWORD, "New password": next });
  await press(page, "Change password");
  await expect(notice(page)).toContainText("Your password is changed.");
  await press(page, "Sign out");
  await fill(page, { "E-mail": email, Password: next });
  await press(page, "Sign in");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
  const other = await elsewhere.newPage();
  await open(other, "/");
  await expect(other).toHaveURL(/\/sign-in/);
  await elsewhere.close();
});

test("a program uses the API with a key that is shown once and can be revoked", async ({ mine, request }) => {
  const secret = await apiKey(mine, "Viewer");
  const ask = () => request.get("/api/v1/tokens", { headers: { authorization: `Bearer ${secret}` } });
  const answer = await ask();
  expect(answer.status()).toBe(200);
  expect(await answer.json()).toMatchObject({ items: expect.any(Array) });

  await open(mine, "/settings/api-keys");
  expect(await mine.content()).not.toContain(secret);
  const row = mine.getByRole("table", { name: "API keys" }).getByRole("row").nth(1);
  await unfold(row, "Revoke");
  await press(row, /^Revoke /);
  await expect(notice(mine)).toHaveText("The API key no longer works.");
  expect((await ask()).status()).toBe(401);
});

test("a key can be limited to a part of its role, and ends by itself", async ({ mine, request }) => {
  await open(mine, "/settings/api-keys");
  const form = mine.getByRole("region", { name: "New API key" });
  await fill(form, { Name: unique("reader"), Where: "Team Security", Ends: "10d" });
  await choose(form, "Role", "Reviewer");
  await unfold(form, "Scopes");
  await fill(form, { "tokens:write": true });
  expect(await press(form, "Make the key"), "a reviewer mints nothing").toBe(422);
  await expect(form.getByRole("group", { name: "Scopes", exact: true })).toContainText("The role reviewer does not have the scope tokens:write");
  await fill(form, { "tokens:write": false, "hits:read": true });
  expect(await press(form, "Make the key")).toBe(200);
  const shown = mine.getByRole("region", { name: "Your new key" });
  const secret = (await shown.getByRole("code").first().innerText()).trim();
  expect(secret).toMatch(/^avy_[0-9A-Za-z]{40}$/);

  const ask = (path: string) => request.get(`/api/v1${path}`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await ask("/hits")).status()).toBe(200);
  const refused = await ask("/tokens");
  expect(refused.status()).toBe(403);
  expect((await refused.json()).detail).toContain("tokens:read");

  await open(mine, "/settings/api-keys");
  const row = mine.getByRole("table", { name: "API keys" }).getByRole("row").nth(1);
  await expect(row).toContainText("Part of Reviewer");
  await expect(row).toContainText("Ends soon");
});

test("the people page says what each role may do", async ({ mine }) => {
  await open(mine, "/settings/people");
  const table = mine.getByRole("table", { name: "What each role may do" });
  const mint = table.getByRole("row").filter({ hasText: "Mint tokens" });
  await expect(mint.getByRole("cell")).toHaveText([/Mint tokens/, "no", "yes", "no", "yes", "tokens:write"]);
});

test("somebody whose role was taken away sees whom to ask", async ({ mine, stranger, admin }) => {
  const { email, link } = await invite(mine, "Viewer");
  const page = await join(stranger, link);
  await open(mine, "/settings/people");
  const entry = mine.getByRole("listitem").filter({ hasText: email }).first();
  await unfold(entry, "Change");
  await press(entry, /^Take away the role/);
  await open(page, "/");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("You are in no team yet");
  await expect(page.getByRole("region", { name: "Whom to ask" })).toContainText(admin.email);
  expect((await open(page, "/tokens"))?.status()).toBe(403);
  expect((await open(page, "/settings"))?.status()).toBe(200);
});

test("people of another team do not see a token", async ({ mine, stranger }) => {
  const team = unique("Payments");
  await open(mine, "/settings/teams");
  await fill(mine, { Name: team });
  await press(mine, "Make the team");
  await expect(notice(mine)).toContainText("The team is there.");
  const key = await mint(mine, { Team: team });
  await expect(mine.getByRole("main")).toContainText("Token minted");

  const { link } = await invite(mine, "Viewer");
  const page = await join(stranger, link);
  expect((await open(page, key.path))?.status(), "it looks as if it were not there").toBe(404);
  await open(page, `/tokens?q=${key.id}`);
  await expect(page.getByRole("main")).not.toContainText(key.location);
  await follow(page, "Settings");
  await expect(page.getByRole("main")).not.toContainText(team);
});
