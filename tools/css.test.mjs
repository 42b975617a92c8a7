import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { joined, small } from "./css.mjs";

function folder(t, files) {
  const path = mkdtempSync(join(tmpdir(), "css-"));
  t.after(() => rmSync(path, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return (name) => join(path, name);
}

test("imports are put where they stand, within the layer and the medium that they name", (t) => {
  const at = folder(t, {
    "main.css": '@import "a.css"; /* then */ @import url("b.css") layer(parts) print;\nmain { top: 0 }',
    "a.css": "a { top: 1px }",
    "b.css": "b { top: 2px }",
  });
  assert.equal(small(joined(at("main.css"))), "a{top: 1px}@media print{@layer parts{b{top: 2px}}}main{top: 0}\n");
});

test("an import in a comment is no import", (t) => {
  const at = folder(t, { "main.css": '/* @import "gone.css"; */ a { top: 0 }' });
  assert.equal(small(joined(at("main.css"))), "a{top: 0}\n");
});

test("a circle of imports is said, not followed", (t) => {
  const at = folder(t, { "a.css": '@import "b.css";', "b.css": '@import "a.css";' });
  assert.throws(() => joined(at("a.css")), /imports itself/);
});

test("an address that would point elsewhere once joined is refused", (t) => {
  const at = folder(t, { "a.css": "a { background: url(x.svg) }", "b.css": "b { background: url('/x.svg') }" });
  assert.throws(() => joined(at("a.css")), /url\(x\.svg\) is relative/);
  assert.equal(small(joined(at("b.css"))), "b{background: url('/x.svg')}\n");
});

test("only white space that means nothing goes", () => {
  assert.equal(small('a  >  b ,\n c { margin : 0  1px ;\n }'), "a > b,c{margin : 0 1px}\n");
  assert.equal(small('a { content: " { ; } /* kept */ " ; width: calc(1px + 2px) }'), 'a{content: " { ; } /* kept */ ";width: calc(1px + 2px)}\n');
  assert.equal(small("a :hover { background: url( data:a;b,c ) }"), "a :hover{background: url( data:a;b,c )}\n");
});
