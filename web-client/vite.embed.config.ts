import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What embedders load: names without a hash, one file each, nothing to install. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: at("dist"),
    emptyOutDir: false,
    target: "es2023",
    reportCompressedSize: false,
    lib: {
      entry: { "banyan-player": at("packages/player/src/index.ts") },
      formats: ["es"],
      fileName: (_, name) => `${name}.js`,
    },
    minify: true,
    // In library mode Vite keeps white space for the sake of bundlers; this file goes to browsers.
    rolldownOptions: { output: { minify: true } },
  },
});
