// Every page of the console, with something on it.

import type { Page } from "@playwright/test";
import { use } from "./aws.ts";
import type { House } from "./house.ts";
import { fill, follow, mint, open, press, unique } from "./steps.ts";

/** Makes one of each thing; the paths of all pages that an admin can open. */
export async function everyPage(page: Page, house: House): Promise<string[]> {
  const name = unique("Pager");
  await open(page, "/destinations/new");
  await follow(page.getByRole("navigation", { name: "What sort of address" }), "Webhook");
  await fill(page, { Address: house.hooks.url(`/${name}`), Name: name });
  await press(page, "Add destination");
  const destination = await page.getByRole("link", { name: "Open the destination" }).getAttribute("href");

  const token = await mint(page, {
    Location: unique("s3://a-bucket-with-a-rather-long-name/backups/2027/credentials-of-the-build-server"),
    Labels: "ci, laptop",
    "If it trips": "Rotate the deploy key first.\nThen tell the owner.",
    [name]: true,
  });
  await use(house.sandbox, token, { userAgent: "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1 md/arch#x86_64" });
  await house.hooks.call(`/${name}`, "hit");
  await open(page, "/deliveries");
  const delivery = await page.getByRole("link", { name: /^Details: / }).first().getAttribute("href");
  await open(page, token.path);
  const incident = await page.getByRole("link", { name: /in one incident/ }).getAttribute("href");

  await open(page, "/settings/providers/new");
  await fill(page, { Name: unique("Staff"), Issuer: "https://id.example.com/a/rather/long/path", "Client identifier": "aviary" });
  await press(page, "Add the provider");
  const provider = new URL(page.url()).pathname;
  await open(page, `${provider}/rules`);
  await fill(page, { Value: "arn:aws:iam::123456789012:group/a-group-with-a-rather-long-name" });
  await press(page, "Add the rule");

  return [
    "/",
    "/tokens",
    "/tokens?q=nothing-is-called-so",
    "/tokens/new",
    "/tokens/adopt",
    token.path,
    ...["edit", "secret", "rotate", "disable", "revoke"].map((verb) => `${token.path}/${verb}`),
    "/incidents",
    "/incidents?state=resolved",
    incident!,
    "/destinations",
    "/destinations/new",
    "/destinations/new?kind=slack",
    destination!,
    `${destination}/remove`,
    "/deliveries",
    delivery!,
    ...["jira", "pagerduty", "splunk", "syslog", "sqs"].map((kind) => `/destinations/new?kind=${kind}`),
    "/health",
    "/settings",
    "/settings/second",
    "/settings/people",
    "/settings/teams",
    "/settings/api-keys",
    "/settings/audit",
    "/settings/accounts",
    "/settings/accounts/new",
    "/confirm-it-is-you?next=%2Ftokens",
    "/settings/providers",
    "/settings/providers/new",
    provider,
    ...["edit", "rules", "try", "remove"].map((verb) => `${provider}/${verb}`),
    "/no-such-page",
    "/tokens/no-such-token",
  ];
}

/** Pages of those who are not signed in. */
export const OUTSIDE = [
  "/sign-in",
  "/forgot",
  "/forgot?done=asked",
  "/reset/no-such-code",
  "/enter/no-such-code",
  "/sign-in/second",
  "/signed-out",
  "/oidc/no-such-provider",
  "/setup/no-such-code",
  "/join/no-such-code",
  "/confirm/no-such-code",
  "/acknowledge/no-such-code",
  "/unsubscribe/no-such-code",
];
