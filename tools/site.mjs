// `node tools/site.mjs MODULE_DIR STYLE.css PUBLIC_DIR SITE_DIR`: makes the folder that the server embeds.
//
// MODULE_DIR holds app.js and app_bg.wasm. SITE_DIR gets pkg/ with names that change with the content, and the files of
// PUBLIC_DIR as they are, each also as .br and .gz; and manifest.json, which says what script and module are called
// (`output_name`, without the endings) and where the stylesheet is.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { joined, small } from "./css.mjs";

const COMPRESSIBLE = new Set([".js", ".wasm", ".css", ".svg", ".txt", ".json", ".html", ".webmanifest", ".xml"]);

const [modules, style, publicFiles, site] = process.argv.slice(2);
if (!site) {
  console.error("site: expected four arguments: MODULE_DIR STYLE.css PUBLIC_DIR SITE_DIR");
  process.exit(2);
}

// Written beside the old folder and put in its place at the end, so that a failure leaves the old one whole.
const fresh = `${site}.new`;
rmSync(fresh, { recursive: true, force: true });
mkdirSync(join(fresh, "pkg"), { recursive: true });
if (existsSync(publicFiles)) cpSync(publicFiles, fresh, { recursive: true });

const script = readFileSync(join(modules, "app.js"));
const wasm = readFileSync(join(modules, "app_bg.wasm"));
const css = Buffer.from(small(joined(style)));

// Script and module belong together: one name for both, so that no cache can pair an old one with a new one.
const output_name = `app-${hash(script, wasm)}`;
const stylesheet = `/pkg/main-${hash(css)}.css`;
writeFileSync(join(fresh, "pkg", `${output_name}.js`), script);
writeFileSync(join(fresh, "pkg", `${output_name}_bg.wasm`), wasm);
writeFileSync(join(fresh, stylesheet), css);

const files = readdirSync(fresh, { recursive: true }).map(String).sort();
for (const name of files) if (statSync(join(fresh, name)).isFile()) compress(name);

writeFileSync(join(fresh, "manifest.json"), JSON.stringify({ output_name, stylesheet }, null, 2) + "\n");
rmSync(site, { recursive: true, force: true });
renameSync(fresh, site);

function hash(...parts) {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part);
  return sum.digest("hex").slice(0, 16);
}

function compress(name) {
  const bytes = readFileSync(join(fresh, name));
  if (!COMPRESSIBLE.has(extname(name))) return;
  const br = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  const gz = gzipSync(bytes, { level: 9 });
  if (br.length < bytes.length) writeFileSync(join(fresh, `${name}.br`), br);
  if (gz.length < bytes.length) writeFileSync(join(fresh, `${name}.gz`), gz);
  console.log(`${kib(bytes.length)} plain ${kib(br.length)} br ${kib(gz.length)} gz  ${name}`);
}

function kib(bytes) {
  return `${(bytes / 1024).toFixed(1).padStart(7)} KiB`;
}
