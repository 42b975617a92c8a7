// Signing in and minting with a keyboard alone.

import { answered, open, ready, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Locator, Page } from "@playwright/test";

async function focused(what: Locator): Promise<boolean> {
  return what.evaluate((element) => element === document.activeElement);
}

/** Presses Tab until this is in focus, and looks whether one can see that it is. */
async function tabTo(page: Page, what: Locator) {
  for (let presses = 0; presses < 60 && !(await focused(what)); presses += 1) await page.keyboard.press("Tab");
  await expect(what).toBeFocused();
  const seen = await what.evaluate((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
  });
  expect(seen, "whatever is in focus shows it").toBe(true);
}

async function enter(page: Page) {
  await Promise.all([page.waitForEvent("domcontentloaded"), page.keyboard.press("Enter")]);
  await ready(page);
}

test("signing in and minting work with a keyboard alone", async ({ page, admin }) => {
  await open(page, "/sign-in");
  await test.step("the page opens with the first field in focus", async () => {
    await expect(page.getByLabel("E-mail")).toBeFocused();
    await page.keyboard.type(admin.email);
    await page.keyboard.press("Tab");
    await expect(page.getByLabel("Password")).toBeFocused();
    await page.keyboard.type(admin.password);
    expect(await answered(page, () => page.keyboard.press("Enter"))).toBe(303);
  });

  await test.step("the first stop leads past the rail", async () => {
    await tabTo(page, page.getByRole("link", { name: "Skip to the page" }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("main")).toBeFocused();
  });

  await test.step("the rail leads to the tokens, and they to the form", async () => {
    await page.reload();
    await ready(page);
    await tabTo(page, page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Tokens" }));
    await enter(page);
    await tabTo(page, page.getByRole("main").getByRole("link", { name: "New token" }).first());
    await enter(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("New token");
  });

  const location = unique("keyboard");
  await test.step("a refused form says so, and leads to the field", async () => {
    await tabTo(page, page.getByRole("button", { name: "Mint token" }));
    expect(await answered(page, () => page.keyboard.press("Enter"))).toBe(422);
    await tabTo(page, page.getByRole("alert").getByRole("link").first());
    await page.keyboard.press("Enter");
    await expect(page.getByLabel("Location")).toBeFocused();
    await page.keyboard.type(location);
  });

  await test.step("radio buttons are chosen with the arrows", async () => {
    await tabTo(page, page.getByLabel("Keep listening"));
    await page.keyboard.press("ArrowDown");
    await expect(page.getByLabel("Disable the key at the first hit")).toBeChecked();
  });

  await test.step("Enter in a field sends the form", async () => {
    await tabTo(page, page.getByRole("button", { name: "Mint token" }));
    expect(await answered(page, () => page.keyboard.press("Enter"))).toBe(200);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Token minted");
    await tabTo(page, page.getByRole("link", { name: "Go to the token" }));
    await enter(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(location);
  });
});
