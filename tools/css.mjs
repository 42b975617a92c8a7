// One stylesheet of many: `@import`s are replaced by what they name, then comments and needless white space go.
// It knows just as much of CSS as that takes: comments, strings and url(…) are kept apart, the rest is left as written.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const TOKEN = /\/\*[^]*?\*\/|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|url\(\s*[^"'\s][^)]*\)|[^]/g;
const IMPORT = /@import\s+(?:url\(\s*)?["']([^"']+)["']\s*\)?\s*(?:layer\(([^)]*)\))?\s*([^;]*);/g;

/** The text of `file` with every `@import` resolved, relative to the file that says it. */
export function joined(file, seen = []) {
  if (seen.includes(file)) throw new Error(`${file} imports itself, by way of ${seen.join(", ")}`);
  const text = withoutComments(readFileSync(file, "utf8"));
  checkAddresses(file, text);
  return text.replace(IMPORT, (_, name, layer, media) => {
    let part = joined(join(dirname(file), name), [...seen, file]);
    if (layer) part = `@layer ${layer} {\n${part}\n}`;
    if (media.trim()) part = `@media ${media.trim()} {\n${part}\n}`;
    return part;
  });
}

/** The same rules in fewer bytes. */
export function small(css) {
  let out = "";
  for (const [token] of css.matchAll(TOKEN)) {
    if (token.startsWith("/*")) continue;
    if (/^\s$/.test(token)) {
      if (!/[\s{};,]$/.test(out)) out += " ";
    } else {
      // No rule needs the space before these; before ":" and around "+" or ">" it can mean something.
      if (/^[{};,]$/.test(token)) out = out.replace(/ $/, "");
      if (token === "}") out = out.replace(/;$/, "");
      out += token;
    }
  }
  return out.trim() + "\n";
}

function withoutComments(css) {
  return css.replace(TOKEN, (token) => (token.startsWith("/*") ? " " : token));
}

// The sheet is served from /pkg/, wherever its parts stood: only an address from the root means the same there.
function checkAddresses(file, css) {
  for (const [, address] of css.matchAll(/url\(\s*["']?([^"')\s]+)/g)) {
    const imported = /@import\s+url\(\s*["']?$/.test(css.slice(0, css.indexOf(address)));
    if (!imported && !/^(\/|#|data:)/.test(address)) {
      throw new Error(`${file}: url(${address}) is relative; write it from the root, as in url(/favicon.svg)`);
    }
  }
}
