// Whatever a browser complains about: script errors, refused resources, violations of the content security policy.

import type { BrowserContext } from "@playwright/test";

/** Collects the complaints of every page of the context. */
export function listen(context: BrowserContext): string[] {
  const complaints: string[] = [];
  const visited = new Set<string>();
  context.on("weberror", (error) => complaints.push(`page error: ${error.error().stack ?? error.error().message}`));
  context.on("response", (response) => {
    if (response.request().isNavigationRequest()) visited.add(response.url());
    if (response.status() >= 500) complaints.push(`${response.status()} from ${response.url()}`);
  });
  context.on("console", (message) => {
    const [type, text, url] = [message.type(), message.text(), message.location().url];
    if (type !== "error" && type !== "warning") return;
    // A page that answers a wrong form with 422, or an unknown address with 404, is itself "a resource that failed".
    if (text.startsWith("Failed to load resource") && visited.has(url)) return;
    // Leptos' preload hint carries another crossorigin mode than its import; the file is fetched all the same.
    if (text.includes("was preloaded using link preload but not used")) return;
    complaints.push(`console ${type}: ${text} (${url})`);
  });
  return complaints;
}
