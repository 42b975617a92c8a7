// What must hold for every page, whatever it is about.

import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import axe from "axe-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds: WCAG 2.2 A and AA, contrast included. Needs scripting. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (values) => (window as unknown as { axe: typeof axe }).axe.run({ runOnly: { type: "tag", values } }),
    RULES,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary?.replaceAll("\n", "\n  ")}`),
  );
}

/** One heading of the first level, one main landmark, a title, and a name for all that can be filled in or pressed. */
export async function outline(page: Page, path: string) {
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
export async function tooWide(page: Page) {
  return page.evaluate(() => {
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (over <= 0) return [];
    const wide = [...document.body.querySelectorAll("*")].filter(
      (element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1,
    );
    return [`${over} px too wide`, ...wide.slice(-3).map((element) => element.outerHTML.slice(0, 160))];
  });
}
