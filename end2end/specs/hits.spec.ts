import { aws, hasAws, use } from "../harness/aws.ts";
import { appears, choose, fill, follow, hits, mint, notice, open, press, timeline, unfold } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

test("a use of the key stands in the timeline, and opens to its record", async ({ mine, house }) => {
  const key = await mint(mine, { "If it trips": "Rotate the deploy key first." });
  await open(mine, key.path);
  await expect(mine.getByRole("heading", { name: "No hit so far" })).toBeVisible();

  await test.step("somebody finds the key and asks AWS whose it is", async () => {
    if (hasAws) {
      const answer = await aws(house.sandbox, key, "sts", "get-caller-identity", "--output", "json");
      expect(answer.err).toBe("");
      expect(JSON.parse(answer.out).Arn).toMatch(/^arn:aws:iam::\d{12}:user\//);
    } else {
      expect((await use(house.sandbox, key)).status).toBe(200);
    }
  });

  const hit = hits(mine, "GetCallerIdentity");
  await test.step("the page shows it: what, where, from where, with what", async () => {
    await appears(mine, hit);
    await expect(hit).toContainText("sts · eu-central-1");
    await expect(hit).toContainText("127.0.0.1");
    await expect(hit).toContainText(/aws-cli/);
    await expect(hit).toContainText("Succeeded");
    await expect(hit).toContainText("Sandbox");
    await expect(mine.getByRole("main")).toContainText("Somebody used this key: 1 time");
    await expect(mine.getByRole("img", { name: /Hits on this key/ })).toBeVisible();
  });

  await test.step("its raw record opens", async () => {
    const record = timeline(mine).getByLabel("Record", { exact: true });
    await expect(record).toBeHidden();
    await unfold(timeline(mine), "Record");
    await expect(record).toBeVisible();
    expect(JSON.parse(await record.innerText())).toMatchObject({
      eventVersion: "1.11",
      eventSource: "sts.amazonaws.com",
      eventName: "GetCallerIdentity",
      awsRegion: "eu-central-1",
      sourceIPAddress: "127.0.0.1",
      userIdentity: { type: "IAMUser", accessKeyId: key.id },
    });
  });

  await test.step("the overview and the list of tokens say so, too", async () => {
    await open(mine, "/");
    await expect(mine.getByRole("table", { name: "Latest hits" })).toContainText(key.location);
    await open(mine, `/tokens?q=${key.id}`);
    const row = mine.getByRole("row").filter({ hasText: key.id });
    await expect(row).toContainText("Triggered");
    await expect(row.getByRole("cell").last()).toHaveText("1");
  });
});

test("calls that are refused are hits as well", async ({ mine, house }) => {
  test.skip(!hasAws, "needs the aws command: see AVIARY_TEST_VENV in docs/DEVELOPING.md");
  const key = await mint(mine);
  const answer = await aws(house.sandbox, key, "s3", "ls");
  expect(answer.code).not.toBe(0);
  expect(answer.err).toContain("AccessDenied");
  await open(mine, key.path);
  const hit = hits(mine, "ListBuckets");
  await appears(mine, hit);
  await expect(hit).toContainText("AccessDenied");
});

test("an incident is acknowledged, resolved, and opened again", async ({ mine, house }) => {
  const key = await mint(mine, { "If it trips": "Rotate the deploy key first." });
  await use(house.sandbox, key);
  await use(house.sandbox, key);
  await open(mine, key.path);
  await appears(mine, mine.getByRole("link", { name: /Triage it/ }));
  await appears(mine, mine.getByText("2 hits in one incident"));
  await follow(mine, /Triage it/);

  await test.step("it says what a responder needs", async () => {
    await expect(mine.getByRole("heading", { level: 1 })).toHaveText(key.location);
    await expect(mine.getByRole("main")).toContainText("Nobody is on it yet.");
    const card = mine.getByRole("region", { name: "For the responder" });
    await expect(card).toContainText("Rotate the deploy key first.");
    await expect(card).toContainText("Priya Nair");
    await expect(card).toContainText(key.id);
    await expect(card).toContainText("2 times");
    await expect(card).toContainText("127.0.0.1");
  });

  await press(mine, /acknowledge/i);
  await expect(notice(mine)).toContainText("Acknowledged.");
  await expect(mine.getByRole("main")).toContainText("ada@example.com is on it.");

  await test.step("without saying as what, it cannot be resolved", async () => {
    expect(await press(mine, "Resolve")).toBe(422);
    await expect(mine.getByRole("group", { name: "Resolve as" })).toContainText(/what did it turn out to be/);
  });

  await choose(mine, "Resolve as", "Drill");
  await fill(mine, { Comment: "Announced on Monday." });
  await press(mine, "Resolve");
  await expect(notice(mine)).toContainText("Resolved.");
  await expect(mine.getByRole("main")).toContainText("Closed as a drill by ada@example.com");
  await expect(mine.getByRole("main")).toContainText("Announced on Monday.");

  await test.step("a hit afterwards opens another one", async () => {
    const incident = mine.url();
    await use(house.sandbox, key);
    await open(mine, key.path);
    const next = mine.getByRole("link", { name: /Triage it/ });
    await appears(mine, next);
    expect(incident).not.toContain((await next.getAttribute("href"))!);
    await mine.goto(incident.split("?")[0]!);
  });

  await press(mine, "Open again");
  await expect(notice(mine)).toHaveText("Open again.");
  await open(mine, "/incidents");
  await expect(mine.getByRole("table").getByRole("row").filter({ hasText: key.location }).first()).toBeVisible();
});

test("a key that is to be disabled at the first hit is", async ({ mine, house }) => {
  await open(mine, "/tokens/new");
  await choose(mine, "When somebody uses it", "Disable the key at the first hit");
  await fill(mine, { Owner: "Sam", Location: "build server" });
  await press(mine, "Mint token");
  const text = await mine.getByRole("main").innerText();
  const key = { id: /AKIA[A-Z2-7]{16}/.exec(text)![0], secret: /(?<=_SECRET_ACCESS_KEY=)\S{40}/.exec(text)![0] };
  await follow(mine, "Go to the token");

  expect((await use(house.sandbox, key)).status, "the first use").toBe(200);
  await expect(async () => {
    expect((await use(house.sandbox, key)).text).toContain("InvalidClientTokenId");
  }).toPass();
  await appears(mine, mine.getByText("The key is disabled, so no further use of it will be seen."));
});

test("what a stranger put into a request is shown as text", async ({ mine, house }) => {
  const userAgent = "Boto3/1.40 <script>alert(1)</script>";
  const key = await mint(mine);
  await use(house.sandbox, key, { userAgent });
  await open(mine, key.path);
  await appears(mine, hits(mine, "GetCallerIdentity").getByText(userAgent));
});
