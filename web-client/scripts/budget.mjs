// What a viewer downloads, gzipped. A page counts with all scripts and styles that it names.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const KIB = 1024;
const BUDGET_KIB = {
  "banyan-player.js": 25,
  "index.html": 40,
  "watch.html": 45,
  "studio.html": 45,
  "node.html": 40,
};

const size = (name) => gzipSync(readFileSync(dist + name), { level: 9 }).length;

/** Static imports of a chunk, and theirs. */
function withImports(name, seen = new Set()) {
  if (seen.has(name) || !existsSync(dist + name)) return seen;
  seen.add(name);
  const text = readFileSync(dist + name, "utf8");
  const pattern = name.endsWith(".html")
    ? /(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g
    : /(?:from|import)\s*"\.\/([^"]+\.js)"/g;
  for (const [, found] of text.matchAll(pattern)) {
    withImports(name.endsWith(".html") ? found : `assets/${found}`, seen);
  }
  return seen;
}

/** Prints a line per budget; false where one is exceeded. */
export function check() {
  let kept = true;
  for (const [name, limit] of Object.entries(BUDGET_KIB)) {
    const total = [...withImports(name)].reduce((sum, file) => sum + size(file), 0) / KIB;
    const fits = total <= limit;
    kept &&= fits;
    console.log(
      `${fits ? "ok  " : "OVER"} ${name.padEnd(18)} ${total.toFixed(1).padStart(6)} of ${limit} KiB gzip`,
    );
  }
  return kept;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !check()) process.exitCode = 1;
