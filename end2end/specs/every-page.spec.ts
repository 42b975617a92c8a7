// What holds for every page, whatever it is about.

import { OUTSIDE, everyPage } from "../harness/pages.ts";
import { open } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

/** One heading of the first level, one main landmark, a title, and a name for all that can be filled in or pressed. */
async function outline(page: Page, path: string) {
  await expect.soft(page.getByRole("heading", { level: 1 }), `${path}: headings of the first level`).toHaveCount(1);
  await expect.soft(page.getByRole("main"), `${path}: main landmarks`).toHaveCount(1);
  expect.soft(await page.title(), `${path}: title`).toMatch(/^.+ · Aviary$/);
  expect.soft(await page.locator("html").getAttribute("lang"), `${path}: language`).toBe("en");
  for (const role of ["textbox", "searchbox", "combobox", "checkbox", "radio", "spinbutton", "button", "link"] as const) {
    for (const one of await page.getByRole(role).all()) {
      await expect.soft(one, `${path}: the name of a ${role}`).toHaveAccessibleName(/\S/);
    }
  }
  const twice = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
  });
  expect.soft(twice, `${path}: ids that occur twice`).toEqual([]);
}

/** By how many pixels a page is wider than the screen, and what sticks out. */
async function tooWide(page: Page) {
  return page.evaluate(() => {
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (over <= 0) return [];
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1,
    );
    return [`${over} px too wide`, ...wide.slice(-3).map((element) => element.outerHTML.slice(0, 160))];
  });
}

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
