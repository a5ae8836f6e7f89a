// Builds pages and embeddable player into dist, then holds them to their size budget.
import { build } from "vite";
import { check } from "./budget.mjs";

const start = performance.now();
for (const configFile of ["vite.config.ts", "vite.embed.config.ts"]) {
  await build({ configFile, logLevel: "warn" });
}
const kept = check();
console.log(`built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
process.exitCode = kept ? 0 : 1;
