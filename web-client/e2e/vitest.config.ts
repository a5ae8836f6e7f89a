import { defineConfig } from "vitest/config";

/** Real nodes, a real browser, real publishers. One file at a time: two cores carry one broadcast. */
export default defineConfig({
  test: {
    name: "e2e",
    include: ["e2e/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    fileParallelism: false,
    // Figures are printed as they stand, one line each.
    disableConsoleIntercept: true,
  },
});
