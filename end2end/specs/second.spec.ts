import { invite, join } from "../harness/people.ts";
import { PASSWORD, field, fill, follow, notice, open, press, unfold } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import { code } from "../harness/totp.ts";
import type { Page } from "@playwright/test";

/** Signs in with the password; what is asked for next is on the page. */
async function firstStep(page: Page, email: string) {
  await open(page, "/sign-in");
  await fill(page, { "E-mail": email, Password: PASSWORD });
  await press(page, "Sign in");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("One more step");
}

test("codes from an app are asked for after the password", async ({ mine, stranger, house }) => {
  const { email, link } = await invite(mine, "Viewer");
  const page = await join(stranger, link);
  let secret = "";
  let codes: string[] = [];

  await test.step("an app is told the secret and proves itself", async () => {
    await open(page, "/settings");
    await follow(page, "Set up an app");
    await press(page, "Set up an app");
    await expect(page.getByRole("img", { name: "QR code for the app" })).toBeVisible();
    const link = await page.getByRole("link", { name: "open an app on this device" }).getAttribute("href");
    secret = new URL(link!).searchParams.get("secret")!;
    const shown = await page.getByRole("region", { name: "Tell the app" }).innerText();
    expect(shown.replace(/\s/g, "")).toContain(secret);
    await fill(page, { Code: code(secret, -9) });
    expect(await press(page, "Switch it on")).toBe(422);
    await expect(field(page, "Code")).toHaveAttribute("aria-invalid", "true");
    await fill(page, { Code: code(secret) });
    expect(await press(page, "Switch it on")).toBe(200);
    codes = (await page.getByRole("region", { name: "Your recovery codes" }).innerText()).match(/\b(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\b/g)!;
    expect(codes).toHaveLength(10);
    expect((await house.mail.to(email, "Codes from an app are on")).text).toContain("/settings");
  });

  await test.step("the password alone opens nothing, a code does", async () => {
    await press(page, "Sign out");
    await firstStep(page, email);
    await fill(page, { Code: "000000" });
    expect(await press(page, "Sign in")).toBe(422);
    // The current step's code was used to switch it on; clocks may differ by one.
    await fill(page, { Code: code(secret, 1) });
    await press(page, "Sign in");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
  });

  await test.step("a recovery code lets in once", async () => {
    await press(page, "Sign out");
    await firstStep(page, email);
    await fill(page, { Code: codes[0]! });
    await press(page, "Sign in");
    await house.mail.to(email, "A recovery code was used");
    await open(page, "/settings");
    await expect(page.getByRole("region", { name: "Second factor" })).toContainText("9 of 10 left");
    await press(page, "Sign out");
    await firstStep(page, email);
    await fill(page, { Code: codes[0]! });
    expect(await press(page, "Sign in")).toBe(422);
    await expect(field(page, "Code")).toHaveAccessibleDescription(/not good/);
  });

  await test.step("an admin sees it, and takes it away for whom it is lost", async () => {
    await open(mine, "/settings/people");
    const entry = mine.getByRole("listitem").filter({ hasText: email }).first();
    await expect(entry).toContainText("Second factor: app");
    await unfold(entry, "Change");
    await unfold(entry, "Take second factors away");
    await press(entry, `Take the second factors of ${email} away`);
    await expect(notice(mine)).toContainText("The second factors are taken away");
    await open(page, "/sign-in");
    await fill(page, { "E-mail": email, Password: PASSWORD });
    await press(page, "Sign in");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
  });
});

test("at an address of numbers the page says what passkeys need", async ({ mine, house }) => {
  await open(mine, "/settings");
  const panel = mine.getByRole("region", { name: "Passkeys" });
  await expect(panel).toContainText(`AVIARY_BASE_URL=http://localhost:${new URL(house.url).port}`);
  await expect(panel.getByRole("button", { name: "Add a passkey" })).toHaveCount(0);
});
