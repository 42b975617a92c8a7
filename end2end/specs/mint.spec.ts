import { readFile } from "node:fs/promises";
import { use } from "../harness/aws.ts";
import { choose, field, fill, follow, mint, notice, open, press, shownKey, unique } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

test("wrong input comes back beside its field, with the rest kept", async ({ mine }) => {
  await open(mine, "/tokens/new");
  await fill(mine, {
    Owner: "Priya Nair",
    Location: "",
    "If it trips": "Rotate the </textarea> deploy key & tell <ops>.",
    Labels: "ci, laptop",
    Expires: "the day after tomorrow",
  });
  await choose(mine, "When somebody uses it", "Disable the key after several hits");
  await fill(mine, { "Number of hits": "0" });
  expect(await press(mine, "Mint token")).toBe(422);

  await expect(mine.getByRole("alert")).toContainText("3 fields need another look.");
  await expect(field(mine, "Location")).toHaveAttribute("aria-invalid", "true");
  await expect(field(mine, "Location")).toHaveAccessibleDescription(/This cannot be empty/);
  await expect(field(mine, "Expires")).toHaveValue("the day after tomorrow");
  await expect(field(mine, "Expires")).toHaveAccessibleDescription(/is no day and no number of days/);
  await expect(mine.getByRole("group", { name: "When somebody uses it" })).toContainText("1 to 10000");

  await expect(field(mine, "Owner")).toHaveValue("Priya Nair");
  await expect(field(mine, "Owner")).not.toHaveAttribute("aria-invalid", "true");
  await expect(field(mine, "If it trips")).toHaveValue("Rotate the </textarea> deploy key & tell <ops>.");
  await expect(field(mine, "Labels")).toHaveValue("ci, laptop");
  await expect(mine.getByLabel("Disable the key after several hits")).toBeChecked();

  await test.step("the summary leads to the field", async () => {
    await mine.getByRole("alert").getByRole("link").first().click();
    await expect(mine).toHaveURL(/#(location|expires|on_hit)$/);
  });

  await test.step("mended, it mints", async () => {
    await fill(mine, { Location: unique("vault"), Expires: "90", "Number of hits": "3" });
    expect(await press(mine, "Mint token")).toBe(200);
    await follow(mine, "Go to the token");
    await expect(mine.getByRole("main")).toContainText("Disable the key after 3 hits");
    await expect(mine.getByRole("main")).toContainText("Rotate the </textarea> deploy key & tell <ops>.");
  });
});

test("the secret is shown once; to see it again is written down", async ({ mine }) => {
  const key = await mint(mine, { Labels: "shown" });
  expect(key.id).toMatch(/^AKIA[A-Z2-7]{16}$/);
  expect(key.secret).toHaveLength(40);
  await expect(mine.getByRole("heading", { level: 1 })).toHaveText("Token minted");

  await test.step("the token's page has the key's id and not the secret", async () => {
    await follow(mine, "Go to the token");
    await expect(mine.getByRole("heading", { level: 1 })).toHaveText(key.location);
    const html = await mine.content();
    expect(html).toContain(key.id);
    expect(html).not.toContain(key.secret);
  });

  await test.step("it can be shown again, and the audit log says who did", async () => {
    await follow(mine, "Show secret");
    await expect(mine.getByRole("main")).toContainText("written to the audit log");
    expect(await press(mine, "Show the secret")).toBe(200);
    expect(await shownKey(mine)).toMatchObject({ secret: key.secret });
    await open(mine, "/settings/audit?act=token.reveal");
    const entries = mine.getByRole("table", { name: "Audit log" }).getByRole("row");
    await expect(entries.filter({ hasText: key.location }).or(entries.filter({ hasText: key.id })).first()).toContainText(
      "ada@example.com",
    );
    expect(await mine.content()).not.toContain(key.secret);
  });
});

test("the key can be taken along as four files", async ({ mine }) => {
  const { id, secret } = await mint(mine);
  const file = async (button: string) => {
    const [download] = await Promise.all([mine.waitForEvent("download"), mine.getByRole("button", { name: button }).click()]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
  };

  expect(await file("~/.aws/credentials")).toEqual({
    name: "credentials",
    text: `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`,
  });
  expect(await file("Environment file")).toEqual({
    name: "aws.env",
    text: `AWS_ACCESS_KEY_ID=${id}\nAWS_SECRET_ACCESS_KEY=${secret}\n`,
  });
  const json = await file("JSON");
  expect(json.name).toBe("accessKeys.json");
  expect(JSON.parse(json.text)).toMatchObject({ AccessKey: { AccessKeyId: id, SecretAccessKey: secret, Status: "Active" } });
  const terraform = await file("Terraform variables");
  expect(terraform.name).toBe("aws.auto.tfvars");
  expect(terraform.text).toMatch(new RegExp(`^aws_access_key_id\\s+= "${id}"$`, "m"));
  expect(terraform.text).toContain(`= "${secret}"`);
  await expect(mine.getByRole("heading", { level: 1 }), "the page stays").toHaveText("Token minted");
});

test("what is written down about a token can be changed", async ({ mine }) => {
  const key = await mint(mine, { Labels: "old" });
  await open(mine, `${key.path}/edit`);
  await expect(field(mine, "Location")).toHaveValue(key.location);
  await fill(mine, { Location: "" });
  expect(await press(mine, "Save")).toBe(422);
  await expect(field(mine, "Location")).toHaveAccessibleDescription(/This cannot be empty/);

  const location = unique("wiki page");
  await fill(mine, { Location: location, Owner: "Sam", Labels: "new", "If it trips": "Close the wiki.", Expires: "" });
  await press(mine, "Save");
  await expect(notice(mine)).toHaveText("Saved.");
  await expect(mine.getByRole("heading", { level: 1 })).toHaveText(location);
  const facts = mine.getByRole("region", { name: "Placement" });
  await expect(facts).toContainText("Sam");
  await expect(facts).toContainText("Close the wiki.");
  await expect(facts.getByRole("link", { name: "new", exact: true })).toBeVisible();
  await expect(mine.getByRole("region", { name: "Key", exact: true })).toContainText("never");
});

test("a disabled key is refused, and works again once enabled", async ({ mine, house }) => {
  const key = await mint(mine);
  expect((await use(house.sandbox, key)).status).toBe(200);

  await open(mine, key.path);
  await follow(mine, "Disable");
  await expect(mine.getByRole("main")).toContainText(key.id);
  await press(mine, "Disable the key");
  await expect(notice(mine)).toContainText("The key no longer works");
  const refused = await use(house.sandbox, key);
  expect(refused.status).toBe(403);
  expect(refused.text).toContain("InvalidClientTokenId");

  await press(mine, "Enable");
  await expect(notice(mine)).toContainText("The key works again");
  expect((await use(house.sandbox, key)).status).toBe(200);
});

test("to revoke a token one types its key; the row and the hits stay", async ({ mine, house, javaScriptEnabled }) => {
  const key = await mint(mine);
  await use(house.sandbox, key);
  await open(mine, key.path);
  await follow(mine, "Revoke");

  const button = mine.getByRole("button", { name: "Revoke the token" });
  await fill(mine, { "Type the access key id to confirm": "AKIA" });
  if (javaScriptEnabled) {
    await expect(button, "the button waits for the key id").toBeDisabled();
  } else {
    expect(await press(mine, "Revoke the token")).toBe(422);
    await expect(field(mine, "Type the access key id to confirm")).toHaveAccessibleDescription(new RegExp(key.id));
  }

  await fill(mine, { "Type the access key id to confirm": key.id });
  expect(await press(mine, "Revoke the token")).toBe(303);
  await expect(notice(mine)).toContainText("The key is gone; its hits stay here.");
  await expect(mine.getByRole("main")).toContainText("GetCallerIdentity");
  expect((await use(house.sandbox, key)).text).toContain("InvalidClientTokenId");

  await open(mine, `/tokens?q=${key.id}`);
  await expect(mine.getByRole("row").filter({ hasText: key.id })).toContainText("Revoked");
});
