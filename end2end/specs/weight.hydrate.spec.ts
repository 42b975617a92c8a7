import type { Request } from "@playwright/test";
import { open } from "../harness/steps.ts";
import { expect, test } from "../harness/test.ts";

const KIB = 1024;

test("the first page with everything it needs stays within 200 KiB over the wire", async ({ page, mine }) => {
  const requests: Request[] = [];
  page.on("requestfinished", (request) => requests.push(request));
  await open(mine, "/");
  let total = 0;
  let wasm = 0;
  for (const request of requests) {
    const size = (await request.sizes()).responseBodySize;
    total += size;
    if (request.url().endsWith(".wasm")) wasm = Math.max(wasm, size);
  }
  expect(wasm, "the module was fetched").toBeGreaterThan(0);
  expect(wasm, "the module, compressed").toBeLessThanOrEqual(160 * KIB);
  expect(total, requests.map((request) => request.url()).join("\n")).toBeLessThanOrEqual(200 * KIB);
});

test("nothing comes from anywhere else", async ({ page, mine, house }) => {
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(house.url)) foreign.push(request.url());
  });
  await open(mine, "/");
  expect(foreign).toEqual([]);
});
