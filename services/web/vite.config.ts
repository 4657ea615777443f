import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The address in front of every service, as `npm start` prints it. */
const edge = process.env.CONFAB_EDGE_URL;
const proxied = ["/v1", "/socket.io", "/.well-known", "/config.json"];

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ["@confab/source", "module", "browser", "development|production"] },
  server: {
    proxy: edge
      ? Object.fromEntries(proxied.map((path) => [path, { target: edge, changeOrigin: true, ws: true }]))
      : {},
  },
  build: {
    /** Browsers with `light-dark()`, popovers and `<dialog>`: all since May 2024. */
    target: ["chrome123", "edge123", "firefox125", "safari17.5"],
    /** The content security policy has no `data:` for scripts or fonts. */
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
