import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Builds the page that the service hands out under `/graphiql/`; everything it needs is bundled, so that no request leaves the host. */
export default defineConfig({
  root: "web",
  base: "/graphiql/",
  plugins: [react()],
  worker: { format: "es" },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    // Monaco, the editor, is one large piece by nature.
    chunkSizeWarningLimit: 5000,
    rolldownOptions: {
      // GraphiQL's packages carry "use no memo", which means nothing in a bundle.
      checks: { moduleLevelDirective: false },
    },
  },
});
