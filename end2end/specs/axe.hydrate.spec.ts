// Every page, in both themes, before the rules of axe: WCAG 2.2 A and AA, contrast included.

import { OUTSIDE, everyPage } from "../harness/pages.ts";
import { faults } from "../harness/sound.ts";
import { open } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

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
