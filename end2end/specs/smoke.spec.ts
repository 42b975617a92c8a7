import { open } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

test("the program says that it lives and that it is ready", async ({ request }) => {
  expect((await request.get("/healthz")).status()).toBe(200);
  expect((await request.get("/readyz")).status()).toBe(200);
});

test("nobody sees anything without signing in", async ({ page }) => {
  await open(page, "/tokens");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Ftokens$/);
  await expect(page.locator('[name="email"]')).toBeVisible();
  await expect(page.locator('[name="password"]')).toBeVisible();
});

test("what the page needs comes compressed, under names that may be kept for ever", async ({ page, request }) => {
  await open(page, "/sign-in");
  const sheet = await page.locator('link[rel="stylesheet"]').getAttribute("href");
  expect(sheet).toMatch(/^\/pkg\/main-[0-9a-f]{16}\.css$/);
  const answer = await request.get(sheet!, { headers: { "accept-encoding": "br" } });
  expect(answer.headers()).toMatchObject({
    "content-encoding": "br",
    "content-type": "text/css; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
  });
  const again = await request.get(sheet!, {
    headers: { "accept-encoding": "br", "if-none-match": answer.headers()["etag"]! },
  });
  expect(again.status()).toBe(304);
});
