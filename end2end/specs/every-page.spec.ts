// What holds for every page, whatever it is about.

import { OUTSIDE, everyPage } from "../harness/pages.ts";
import { outline, tooWide } from "../harness/sound.ts";
import { open } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

test("every page has an outline, and everything on it a name", async ({ mine, house, stranger }) => {
  test.slow();
  for (const path of await everyPage(mine, house)) {
    await open(mine, path);
    await outline(mine, path);
  }
  const page = await stranger.newPage();
  for (const path of OUTSIDE) {
    await open(page, path);
    await outline(page, path);
  }
});

test("no page is wider than a phone", async ({ mine, house, stranger }) => {
  test.slow();
  const paths = await everyPage(mine, house);
  await mine.setViewportSize({ width: 390, height: 844 });
  for (const path of paths) {
    await open(mine, path);
    expect.soft(await tooWide(mine), path).toEqual([]);
  }
  const page = await stranger.newPage();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of OUTSIDE) {
    await open(page, path);
    expect.soft(await tooWide(page), path).toEqual([]);
  }
});
