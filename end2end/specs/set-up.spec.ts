import { PASSWORD, field, fill, notice, open, press, signIn } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

const GRACE = { email: "grace@example.com", password: PASSWORD };

test("the link that the program prints makes the first admin, once", async ({ page, newHouse }) => {
  const link = await newHouse.setUpLink();
  await open(page, link);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Set up this console");

  await test.step("a password that is too short comes back beside its field, and the rest is kept", async () => {
    await fill(page, { "Your e-mail": GRACE.email, Password: "too short", "First team": "Blue" });
    expect(await press(page, "Make the admin's account")).toBe(422);
    await expect(field(page, "Password")).toHaveAttribute("aria-invalid", "true");
    await expect(field(page, "Password")).toHaveAccessibleDescription(/at least 12 characters/i);
    await expect(field(page, "Password"), "passwords are never sent back").toHaveValue("");
    await expect(field(page, "Your e-mail")).toHaveValue(GRACE.email);
    await expect(field(page, "First team")).toHaveValue("Blue");
  });

  await test.step("a good one leads inside", async () => {
    await fill(page, { Password: GRACE.password });
    expect(await press(page, "Make the admin's account")).toBe(303);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
    await expect(page.getByRole("main")).toContainText("No token is planted yet.");
    await expect(page.getByText(GRACE.email)).toBeVisible();
  });

  await test.step("the team is there", async () => {
    await open(page, `${newHouse.url}/settings/teams`);
    await expect(page.getByRole("table", { name: "Teams" })).toContainText("Blue");
  });

  await test.step("the link does not work a second time", async () => {
    await page.context().clearCookies();
    const answer = await open(page, link);
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("alert")).toContainText("This link was used already");
  });
});

test("whoever signs in comes to the page they asked for", async ({ page, admin }) => {
  await open(page, "/tokens?q=laptop");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");

  await fill(page, { "E-mail": admin.email, Password: "not the password" });
  expect(await press(page, "Sign in")).toBe(401);
  await expect(page.getByRole("alert")).toContainText(/password/i);
  await expect(field(page, "E-mail"), "the address is kept").toHaveValue(admin.email);

  await fill(page, { Password: admin.password });
  expect(await press(page, "Sign in")).toBe(303);
  await expect(page).toHaveURL(/\/tokens\?q=laptop$/);
});

test("signing out ends the session", async ({ page, admin }) => {
  await signIn(page, admin);
  const before = await page.context().cookies();
  await press(page, "Sign out");
  await expect(notice(page)).toHaveText("You are signed out.");
  await open(page, "/tokens");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Ftokens$/);

  // Also for whoever kept the cookie.
  await page.context().addCookies(before);
  await open(page, "/tokens");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Ftokens$/);
});

test("an address at which there is nothing says so", async ({ page, mine }) => {
  const answer = await open(mine, "/tokens/no/such/page");
  expect(answer?.status()).toBe(404);
  await expect(mine.getByRole("heading", { level: 1 })).toHaveText("There is no page at this address");
  await expect(mine.getByRole("navigation", { name: "Main" })).toBeVisible();

  expect((await open(mine, "/tokens/00000000-0000-7000-8000-000000000000"))?.status()).toBe(404);
  await expect(page.getByRole("alert")).toContainText("Nothing here");
});
