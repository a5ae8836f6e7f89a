import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "unit", include: ["packages/*/test/**/*.test.ts", "app/test/**/*.test.ts"] },
      },
      {
        test: {
          name: "pages",
          include: ["test/**/*.test.ts"],
          // Pictures to look at are made on demand; they assert nothing.
          exclude: process.env["SCREENSHOTS"] ? [] : ["test/screenshots.test.ts"],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
