// An app for one-time codes (RFC 6238), as far as Aviary speaks of it.

import { createHmac } from "node:crypto";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of the step that lies `later` steps of 30 seconds after the current one. */
export function code(secret: string, later = 0): string {
  const bits = Array.from(secret.replace(/\s/g, ""), (letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => parseInt(eight, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const tag = createHmac("sha1", bytes).update(step).digest();
  const at = tag[tag.length - 1]! & 0x0f;
  return String((tag.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
