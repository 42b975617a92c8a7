import { use } from "../harness/aws.ts";
import { choose, field, fill, follow, mint, notice, open, press, unfold, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

/** Makes a webhook and opens its page. */
async function webhook(page: Page, address: string, name: string) {
  await open(page, "/destinations/new");
  await follow(page.getByRole("navigation", { name: "What sort of address" }), "Webhook");
  await fill(page, { Address: address, Name: name });
  await press(page, "Add destination");
  await follow(page, "Open the destination");
}

test("the first use is told and the rest is held, as the page says", async ({ mine, house }) => {
  const path = `/${unique("hook")}`;
  const name = unique("Calm");
  await webhook(mine, house.hooks.url(path), name);
  const destination = mine.url();
  const key = await mint(mine, { [name]: true });
  await use(house.sandbox, key);
  await house.hooks.call(path, "hit");
  await use(house.sandbox, key);
  await use(house.sandbox, key);
  await open(mine, destination);
  const held = mine.getByRole("region", { name: "Held back" });
  await expect(async () => {
    await mine.reload();
    await expect(held).toContainText("2 uses held, digest at", { timeout: 250 });
  }).toPass();
  await follow(held, key.location);
  await expect(mine.getByRole("heading", { level: 1 })).toHaveText(key.location);
});

test("a destination hears about a label, at a pace and of kinds that can be changed", async ({ mine, house }) => {
  const label = unique("label");
  await webhook(mine, house.hooks.url(`/${unique("hook")}`), unique("Labels"));
  await unfold(mine, "Subscribe to more");
  await choose(mine, "What about", "A label");
  await fill(mine, { Label: "two words" });
  expect(await press(mine, "Subscribe")).toBe(422);
  await expect(field(mine, "Label"), "what was typed is still there").toHaveValue("two words");
  await fill(mine, { Label: label });
  await choose(mine, "How often", "Once a day");
  await press(mine, "Subscribe");
  await expect(notice(mine)).toHaveText("Subscribed.");
  const line = mine.getByRole("listitem").filter({ hasText: `Label ${label}` });
  await expect(line).toContainText("Once a day; the usual ones.");

  await unfold(line, "Change");
  await choose(line, "How often", "Every alert");
  await unfold(line, "Kinds of news");
  await line.getByLabel("Drill").check();
  await press(line, "Save");
  await expect(notice(mine)).toHaveText("Saved.");
  await expect(line).toContainText("Every alert; the usual ones and drill.");
});

test("how long it is quiet after an alert is chosen, said and changed", async ({ mine, house }) => {
  await webhook(mine, house.hooks.url(`/${unique("hook")}`), unique("Quiet"));
  await unfold(mine, "Subscribe to more");
  await choose(mine, "What about", "Everything");
  await fill(mine, { "Quiet time": "4 hours" });
  await press(mine, "Subscribe");
  await expect(notice(mine)).toHaveText("Subscribed.");
  const line = mine.getByRole("listitem").filter({ hasText: "All tokens of every team" });
  await expect(line).toContainText("First, then digests every 4 hours; the usual ones.");
  await unfold(line, "Change");
  await expect(field(line, "Quiet time")).toHaveValue("240");
  await fill(line, { "Quiet time": "5 minutes" });
  await press(line, "Save");
  await expect(notice(mine)).toHaveText("Saved.");
  await expect(line).toContainText("First, then digests every 5 minutes; the usual ones.");
  // The house is shared with other stories, whose alerts would come here too.
  await press(line, /Unsubscribe/);
});

test("quiet hours are kept, and times that are none are refused beside their field", async ({ mine }) => {
  await open(mine, "/settings");
  const panel = mine.getByRole("region", { name: "Quiet hours" });
  await fill(panel, { From: "22:00", Until: "07:00", "Time zone": "Atlantis" });
  expect(await press(panel, "Save quiet hours")).toBe(422);
  await expect(field(panel, "Time zone")).toHaveAttribute("aria-invalid", "true");
  await expect(field(panel, "From")).toHaveValue("22:00");
  await fill(panel, { "Time zone": "Europe/Berlin" });
  await press(panel, "Save quiet hours");
  await expect(notice(mine)).toHaveText("Saved.");
  await expect(field(panel, "Time zone")).toHaveValue("Europe/Berlin");
  await expect(panel.getByLabel("Tell me at once that a key is public")).toBeChecked();
  // The house is shared with other stories, which are told at once.
  await fill(panel, { From: "", Until: "" });
  await press(panel, "Save quiet hours");
  await expect(field(panel, "From")).toHaveValue("");
});

test("the link in a mail ends all alerts to its address, without signing in", async ({ mine, house, stranger }) => {
  const address = `${unique("leaving")}@example.com`;
  await open(mine, "/destinations/new");
  await fill(mine, { Address: address, Name: unique("Leaving") });
  await press(mine, "Add destination");
  await follow(mine, "Open the destination");
  const destination = mine.url();
  const page = await stranger.newPage();
  const question = await house.mail.to(address, "Confirm this address");
  await open(page, /http\S+\/confirm\/[\w-]+/.exec(question.text)![0]);
  await press(page, "Yes, send alerts here");

  await unfold(mine, "Subscribe to more");
  await choose(mine, "What about", "Everything");
  await press(mine, "Subscribe");
  const key = await mint(mine);
  await use(house.sandbox, key);
  const alert = await house.mail.to(address, key.id);
  const link = /http\S+\/unsubscribe\/[\w.-]+/.exec(alert.text)?.[0];
  expect(link, alert.text).toBeTruthy();
  await open(page, link!);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Stop all alerts to this address?");
  await expect(page.getByRole("main")).toContainText("Everything");
  await press(page, "Stop all alerts");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("No more alerts go to this address");
  await open(mine, destination);
  await expect(mine.getByRole("region", { name: "Hears about" })).toContainText("Nothing yet");
});
