import { use } from "../harness/aws.ts";
import {
  PASSWORD,
  appears,
  fill,
  follow,
  hits,
  mint,
  notice,
  open,
  press,
  setUp,
  timeline,
  unique,
} from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

test("a drill proves that a token is heard, and is no hit", async ({ mine }) => {
  const key = await mint(mine);
  await open(mine, key.path);
  const armed = mine.getByRole("region", { name: "Armed" });
  await expect(armed).toContainText("Calls to the sandbox come straight to Aviary.");

  expect(await press(armed, "Drill now")).toBe(303);
  await expect(notice(mine)).toContainText("A drill is on its way.");
  await appears(mine, armed.getByText("Proven", { exact: true }));
  await expect(armed).toContainText(/Sandbox\s*\d+ ms/);
  await expect(armed.getByText("Heard", { exact: true })).toBeVisible();
  await expect(armed).toContainText("by ada@example.com");

  await test.step("its call stands in the timeline, marked and quiet", async () => {
    const row = hits(mine, "GetCallerIdentity");
    await expect(row).toHaveCount(1);
    await expect(row.getByText("Drill", { exact: true })).toBeVisible();
    await expect(mine.getByRole("region", { name: "Hits over time" })).toContainText("Quiet: nothing to draw.");
    await expect(mine.getByRole("main")).toContainText("Nobody has used this key since it was made");
    await expect(mine.getByRole("link", { name: /in one incident/ })).toHaveCount(0);
  });

  await test.step("neither an incident nor the overview tells of it; the list says that the token is proven", async () => {
    await open(mine, "/incidents?state=open");
    await expect(mine.getByRole("main")).not.toContainText(key.location);
    await open(mine, "/");
    await expect(mine.getByRole("main")).not.toContainText(key.location);
    await open(mine, `/tokens?q=${key.id}&proven=yes`);
    await expect(mine.getByRole("row").filter({ hasText: key.id })).toContainText(/proven just now/);
    await open(mine, `/tokens?q=${key.id}&proven=no`);
    await expect(mine.getByRole("heading", { name: "No token fits" })).toBeVisible();
  });
});

test("a drill goes through to a destination that one chooses, and to nobody else", async ({ mine, house }) => {
  const [chosen, other] = [unique("Chosen"), unique("Other")];
  for (const name of [chosen, other]) {
    await open(mine, "/destinations/new");
    await follow(mine.getByRole("navigation", { name: "What sort of address" }), "Webhook");
    await fill(mine, { Address: house.hooks.url(`/${name}`), Name: name });
    await press(mine, "Add destination");
  }
  const key = await mint(mine, { [other]: true });
  await open(mine, key.path);
  const armed = mine.getByRole("region", { name: "Armed" });
  await fill(armed, { "Whom the drill alerts": `Alert ${chosen}` });
  await press(armed, "Drill now");

  const call = await house.hooks.call(`/${chosen}`, "drill");
  expect(JSON.stringify(call.body)).toContain(key.id);
  expect(house.hooks.calls.filter((one) => one.path === `/${other}`).map((one) => one.body.type)).toEqual([
    "aviary.challenge",
  ]);
});

test("a token is rotated: the new key is shown once, and the old one is still watched", async ({ mine, house }) => {
  const old = await mint(mine);
  await open(mine, old.path);
  await follow(mine, "Rotate");
  await expect(mine.getByRole("region", { name: "What happens" })).toContainText(old.id);
  expect(await press(mine, "Make the new key")).toBe(200);
  const key = {
    id: await mine.getByTestId("access-key-id").innerText(),
    secret: await mine.getByTestId("secret-access-key").innerText(),
  };
  expect(key.id).not.toBe(old.id);
  expect(await mine.content(), "only the new secret is shown").not.toContain(old.secret);

  await test.step("both work, and both are hits on the token", async () => {
    for (const one of [old, key]) {
      expect((await use(house.sandbox, one)).status).toBe(200);
    }
    await open(mine, old.path);
    await appears(mine, hits(mine, "GetCallerIdentity").nth(1));
    await expect(mine.getByRole("region", { name: "Key", exact: true })).toContainText(`${old.id}still works`);
    expect(await mine.content()).not.toContain(key.secret);
  });

  await test.step("the next rotation says what becomes of the oldest", async () => {
    await follow(mine, "Rotate");
    await expect(mine.getByRole("region", { name: "What happens" })).toContainText("AWS allows two keys per user");
  });

  await test.step("disabled, none of them works", async () => {
    await open(mine, `${old.path}/disable`);
    await press(mine, "Disable the key");
    for (const one of [old, key]) {
      expect((await use(house.sandbox, one)).status).toBe(403);
    }
  });
  await expect(timeline(mine)).toBeVisible();
});

test("an address that only takes forms leads to its page", async ({ mine }) => {
  const key = await mint(mine);
  for (const [address, page] of [
    ["/settings/people/invite", "/settings/people"],
    ["/subscriptions/new", "/destinations"],
    [`${key.path}/drill`, key.path],
    [`${key.path}/download`, `${key.path}/secret`],
  ] as const) {
    await open(mine, address);
    expect(new URL(mine.url()).pathname).toBe(page);
  }
});

test("nobody is chosen to hear about a token who has not confirmed it", async ({ newHouse, page }) => {
  
  await setUp(page, await newHouse.setUpLink(), { email: "grace@example.com", password: PASSWORD });
  await open(page, `${newHouse.url}/destinations/new`);
  await follow(page.getByRole("navigation", { name: "What sort of address" }), "E-mail");
  await fill(page, { Address: "grace@x" });
  expect(await press(page, "Add destination"), "a domain without a point is a slip").toBe(422);
  await fill(page, { Address: "grace@example.com" });
  await press(page, "Add destination");
  await open(page, `${newHouse.url}/tokens/new`);
  await expect(page.getByRole("group", { name: "Who hears about it" }).getByRole("checkbox")).not.toBeChecked();
});
