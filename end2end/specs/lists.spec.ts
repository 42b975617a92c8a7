import { use } from "../harness/aws.ts";
import { apiKey, field, fill, follow, hits, keyId, mint, notice, open, press, unfold, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";
import type { Page } from "@playwright/test";

/** The tokens that a list shows. */
function rows(page: Page) {
  return page.getByRole("table", { name: "Tokens" }).getByRole("row").filter({ has: page.getByRole("cell") });
}

test("a key that was made elsewhere is watched from now on", async ({ mine, request }) => {
  const id = keyId();
  const location = unique("old laptop");
  await open(mine, "/tokens/adopt");
  await fill(mine, { "Access key id": "AKIA123", "ARN of its user": "user/deploy", Location: location, Owner: "Sam" });
  expect(await press(mine, "Adopt key")).toBe(422);
  await expect(field(mine, "Access key id")).toHaveAttribute("aria-invalid", "true");
  await expect(field(mine, "ARN of its user")).toHaveAttribute("aria-invalid", "true");
  await expect(field(mine, "Location")).toHaveValue(location);

  await fill(mine, { "Access key id": id, "ARN of its user": "arn:aws:iam::111122223333:user/ci/deploy" });
  await press(mine, "Adopt key");
  await expect(notice(mine)).toContainText("From now on every use of this key is recorded here.");
  await expect(mine.getByRole("heading", { level: 1 })).toHaveText(location);
  const path = new URL(mine.url()).pathname;

  await test.step("it has no secret to show, and is not ours to revoke", async () => {
    await expect(mine.getByRole("link", { name: "Show secret" })).toHaveCount(0);
    await follow(mine, "Revoke");
    await expect(mine.getByRole("main")).toContainText("This token cannot be revoked here.");
  });

  await test.step("a record that comes in by the API is its hit, however often it is sent", async () => {
    const key = await apiKey(mine, "Ingest");
    const record = {
      eventVersion: "1.11",
      eventID: crypto.randomUUID(),
      eventTime: new Date().toISOString().replace(/\.\d+/, ""),
      eventSource: "s3.amazonaws.com",
      eventName: "ListBuckets",
      awsRegion: "us-east-1",
      sourceIPAddress: "198.51.100.7",
      userAgent: "[aws-cli/2.31.0]",
      errorCode: "AccessDenied",
      userIdentity: { type: "IAMUser", accessKeyId: id, userName: "deploy", accountId: "111122223333" },
    };
    for (const fresh of [1, 0]) {
      const answer = await request.post("/api/v1/ingest/cloudtrail", {
        headers: { authorization: `Bearer ${key}` },
        data: { Records: [record] },
      });
      expect(answer.status()).toBe(200);
      expect(await answer.json()).toEqual({ read: 1, matched: 1, new: fresh, quarantined: 0 });
    }
    await open(mine, path);
    const hit = hits(mine, "ListBuckets");
    await expect(hit).toHaveCount(1);
    await expect(hit).toContainText("198.51.100.7");
    await expect(hit).toContainText("Ingest API");
  });

  await test.step("a key is watched once", async () => {
    await open(mine, "/tokens/adopt");
    await fill(mine, { "Access key id": id, Location: location, Owner: "Sam" });
    expect(await press(mine, "Adopt key")).toBe(422);
    await expect(field(mine, "Access key id")).toHaveAccessibleDescription(/watched already/);
  });
});

test("tokens are found by words, label, team and state", async ({ mine, house, javaScriptEnabled }) => {
  const label = unique("label");
  const used = await mint(mine, { Labels: label, Owner: "Priya Nair", Location: unique("Jenkins home") });
  const quiet = await mint(mine, { Labels: label, Owner: "Sam Okoro", Location: unique("Confluence page") });
  await use(house.sandbox, used);

  await open(mine, "/tokens");
  await fill(mine.getByRole("search"), { Search: "okoro confluence" });
  await Promise.all([mine.waitForEvent("domcontentloaded"), mine.getByRole("searchbox", { name: "Search" }).press("Enter")]);
  await expect(rows(mine)).not.toHaveCount(0);
  for (const row of await rows(mine).all()) await expect(row).toContainText(/Confluence page.*Okoro/s);

  await open(mine, `/tokens?label=${label}`);
  await expect(rows(mine)).toHaveCount(2);
  await expect(rows(mine).first(), "the newest first").toContainText(quiet.location);

  await test.step("by the latest hit", async () => {
    const order = mine.getByRole("combobox", { name: "Order" });
    if (javaScriptEnabled) {
      await Promise.all([mine.waitForEvent("domcontentloaded"), order.selectOption("Latest hit first")]);
    } else {
      await order.selectOption("Latest hit first");
      await Promise.all([mine.waitForEvent("domcontentloaded"), mine.getByRole("button", { name: "Filter" }).click()]);
    }
    await expect(mine).toHaveURL(/sort=last_hit/);
    await expect(rows(mine)).toHaveCount(2);
    await expect(rows(mine).first()).toContainText(used.location);
  });

  await test.step("by state, and the label stays", async () => {
    await follow(mine.getByRole("navigation", { name: "State" }), /^Triggered/);
    await expect(rows(mine)).toHaveCount(1);
    await expect(rows(mine)).toContainText(used.location);
  });

  await test.step("what does not fit says so", async () => {
    await open(mine, `/tokens?q=${unique("nowhere")}`);
    await expect(mine.getByRole("heading", { name: "No token fits" })).toBeVisible();
    await follow(mine, "Show all tokens");
    await expect(rows(mine)).not.toHaveCount(0);
  });

  await test.step("a label on a row leads to its tokens", async () => {
    await open(mine, `/tokens?q=${used.id}`);
    await follow(rows(mine), label);
    await expect(rows(mine)).toHaveCount(2);
  });
});

test("a long list comes in pages, each token once", async ({ mine, request }) => {
  const label = unique("many");
  const key = await apiKey(mine, "Placer");
  const ids = new Set<string>();
  for (let at = 0; at < 60; at += 1) {
    const id = keyId();
    ids.add(id);
    const answer = await request.post("/api/v1/tokens/adopt", {
      headers: { authorization: `Bearer ${key}` },
      data: { access_key_id: id, team: "Security", owner: "Sam", location: `machine ${at}`, labels: [label] },
    });
    expect(answer.status(), await answer.text()).toBe(201);
  }
  await open(mine, `/tokens?label=${label}`);
  await expect(rows(mine)).toHaveCount(50);
  const seen = await rows(mine).allInnerTexts();
  await follow(mine.getByRole("navigation", { name: "Pages" }), "Next page");
  await expect(rows(mine)).toHaveCount(10);
  seen.push(...(await rows(mine).allInnerTexts()));
  const found = seen.map((text) => /AKIA[A-Z2-7]{16}/.exec(text)![0]);
  expect(new Set(found)).toEqual(ids);
  expect(found).toHaveLength(60);
  await follow(mine, "Back to the start");
  await expect(rows(mine)).toHaveCount(50);
});

test("the health page says how each part does, and shows what could not be read", async ({ mine, request }) => {
  const key = await apiKey(mine, "Ingest");
  const odd = unique("odd");
  const answer = await request.post("/api/v1/ingest/cloudtrail", {
    headers: { authorization: `Bearer ${key}` },
    data: { Records: [odd, { eventName: 7 }] },
  });
  expect(answer.status()).toBe(200);
  expect((await answer.json()).quarantined).toBeGreaterThan(0);

  await open(mine, "/health");
  await expect(mine.getByRole("heading", { level: 1 })).toHaveText("Health");
  await expect(mine.getByRole("region", { name: "Aviary", exact: true }).getByRole("listitem")).not.toHaveCount(0);
  const quarantine = mine.getByRole("region", { name: "Quarantine" });
  const entry = quarantine.getByRole("listitem").filter({ hasText: odd });
  await unfold(entry, "What came in");
  await expect(entry.getByLabel("What came in")).toContainText(odd);
});
