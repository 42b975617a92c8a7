// Every page, in both themes, before the rules of axe: WCAG 2.2 A and AA, contrast included.

import axe from "axe-core";
import { OUTSIDE, everyPage } from "../harness/pages.ts";
import { open } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (values) => (window as unknown as { axe: typeof axe }).axe.run({ runOnly: { type: "tag", values } }),
    RULES,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary?.replaceAll("\n", "\n  ")}`),
  );
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing in the ${colorScheme} theme`, async ({ mine, house, stranger }) => {
    test.slow();
    const paths = await everyPage(mine, house);
    await mine.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const path of paths) {
      await open(mine, path);
      for (const details of await mine.getByRole("main").locator("details").all()) {
        await details.evaluate((one) => one.setAttribute("open", ""));
      }
      expect.soft(await faults(mine), path).toEqual([]);
    }
    const page = await stranger.newPage();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const path of OUTSIDE) {
      await open(page, path);
      expect.soft(await faults(page), path).toEqual([]);
    }
  });
}
