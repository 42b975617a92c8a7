// Passkeys, with the browser's own authenticator for tests. They need an address with a name, so this Aviary has one.

import type { CDPSession, Page } from "@playwright/test";
import { House } from "../harness/house.ts";
import { PASSWORD, fill, notice, open, press, setUp, unfold } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

const ADA = { email: "ada@example.com", password: PASSWORD };

/** A device that recognises its owner. */
async function device(page: Page): Promise<{ client: CDPSession; authenticatorId: string }> {
  const client = await page.context().newCDPSession(page);
  await client.send("WebAuthn.enable");
  const { authenticatorId } = await client.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { client, authenticatorId };
}

test("a passkey is added, signs in by itself, and is removed", async ({ page }) => {
  const house = await House.open({}, "localhost");
  try {
    const { client, authenticatorId } = await device(page);
    await setUp(page, await house.setUpLink(), ADA);
    let recovery = "";

    await test.step("added on the account page", async () => {
      await open(page, `${house.url}/settings`);
      const panel = page.getByRole("region", { name: "Passkeys" });
      await fill(panel, { "Name of the new passkey": "Laptop" });
      expect(await press(panel, "Add a passkey")).toBe(200);
      recovery = /\b(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\b/.exec(
        await page.getByRole("region", { name: "Your recovery codes" }).innerText(),
      )![0];
      await expect(panel).toContainText("Laptop");
      await expect(panel).toContainText("last used never");
      const { credentials } = await client.send("WebAuthn.getCredentials", { authenticatorId });
      expect(credentials).toMatchObject([{ rpId: "localhost", isResidentCredential: true }]);
      await house.mail.to(ADA.email, "A passkey was added");
    });

    await test.step("it signs in, without an address and a password", async () => {
      await press(page, "Sign out");
      expect(await press(page, "Sign in with a passkey")).toBe(303);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
    });

    await test.step("not where its owner is not recognised", async () => {
      await press(page, "Sign out");
      await client.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
      await page.getByRole("button", { name: "Sign in with a passkey" }).click();
      await expect(page.getByRole("status").filter({ hasText: "No passkey was chosen." })).toBeVisible();
      await client.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
    });

    await test.step("after the password it is asked for as well, or a recovery code", async () => {
      await open(page, `${house.url}/sign-in`);
      await fill(page, { "E-mail": ADA.email, Password: ADA.password });
      await press(page, "Sign in");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("One more step");
      expect(await press(page, "Use a passkey")).toBe(303);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Overview");
      await press(page, "Sign out");
      await fill(page, { "E-mail": ADA.email, Password: ADA.password });
      await press(page, "Sign in");
      await fill(page, { Code: recovery });
      expect(await press(page, "Sign in")).toBe(303);
    });

    await test.step("removed, it is not accepted", async () => {
      await open(page, `${house.url}/settings`);
      const panel = page.getByRole("region", { name: "Passkeys" });
      await unfold(panel, "Remove");
      await press(panel, "Remove Laptop");
      await expect(notice(page)).toHaveText("The passkey no longer signs you in.");
      await press(page, "Sign out");
      expect(await press(page, "Sign in with a passkey")).toBe(401);
      await expect(page.getByRole("alert")).toContainText("The passkey was not accepted.");
    });
  } finally {
    await house.stop();
    house.close();
  }
});
