// SPDX-License-Identifier: Apache-2.0
// Packs what was built, so that the server only hands it out, and says how large the initial page is.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const worthwhile = /\.(js|css|svg|json)$/;

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

const packed = new Map();
for (const path of files("dist")) {
  if (!worthwhile.test(path)) continue;
  const plain = readFileSync(path);
  const gzip = gzipSync(plain, { level: 9 });
  const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  if (gzip.length < plain.length) writeFileSync(path + ".gz", gzip);
  if (brotli.length < plain.length) writeFileSync(path + ".br", brotli);
  packed.set(path.replace("dist/", ""), Math.min(brotli.length, plain.length));
}

const index = readFileSync("dist/index.html", "utf8");
const initial = [...index.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((found) => found[1]);
const fonts = [...files("dist")].filter((path) => /inter-latin-wght-normal/.test(path)).reduce((sum, path) => sum + statSync(path).size, 0);
const code = initial.reduce((sum, name) => sum + (packed.get(name) ?? 0), 0);
const kB = (bytes) => (bytes / 1000).toFixed(1);
console.log(`initial page: ${kB(code)} kB of code and styles, ${kB(fonts)} kB of font, ${kB(code + fonts)} kB together, compressed`);
if (code + fonts > 300_000) {
  console.error("the initial page is larger than 300 kB compressed");
  process.exit(1);
}
