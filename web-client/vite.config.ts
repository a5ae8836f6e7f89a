import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Head, header and footer are the same on each page: `<!--header watch-->` and the like. */
function partials(): Plugin {
  return {
    name: "partials",
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html.replace(/<!--(head|header|footer)(?: (\w+))?-->/g, (_, part: string, page?: string) =>
          readFileSync(at(`app/partials/${part}.html`), "utf8").replace(
            `data-page="${page}"`,
            'aria-current="page"',
          ),
        ),
    },
  };
}

/** What the node does in production: /watch/name is watch.html. For `npm run dev` only. */
function prettyPaths(): Plugin {
  return {
    name: "pretty-paths",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const page = /^\/(watch|studio|node)(?=[/?#]|$)/.exec(request.url ?? "")?.[1];
        if (page) request.url = `/${page}.html`;
        next();
      });
    },
  };
}

// Where the node of `npm run dev` listens.
const node = process.env["BANYAN_NODE"] ?? "http://127.0.0.1:8090";

export default defineConfig({
  root: at("app"),
  base: "/",
  publicDir: false,
  plugins: [partials(), prettyPaths()],
  server: {
    proxy: Object.fromEntries(["/api", "/whip", "/whep", "/sessions"].map((path) => [path, node])),
  },
  build: {
    outDir: at("dist"),
    emptyOutDir: true,
    target: "es2023",
    // The pages' Content-Security-Policy has no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: ["index", "watch", "studio", "node"].map((page) => at(`app/${page}.html`)),
    },
  },
});
