import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { budget } from './vite/budget.ts';
import { compress } from './vite/compress.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const gateway = process.env.TIDEGATE_CONTROL ?? 'http://127.0.0.1:8081';

export default defineConfig({
  plugins: [react(), compress(), budget()],
  resolve: {
    alias: {
      '@': here('./src'),
      // Radix brings it to lock scrolling by writing style elements, which our policy forbids.
      'react-remove-scroll': here('./src/ui/removeScroll.tsx'),
    },
  },
  server: {
    port: 5173,
    proxy: { '/api': { target: gateway, changeOrigin: false } },
  },
  build: {
    target: ['chrome125', 'firefox125', 'safari17.5'],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What changes with its version alone: after an update of the gateway browsers still have it.
        codeSplitting: {
          groups: [
            {
              name: 'vendor',
              test: /node_modules[\\/](react|react-dom|scheduler|react-router|@tanstack[\\/](query-core|react-query))[\\/]/,
            },
          ],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    // Machines that build at the same time are slow.
    testTimeout: 30_000,
    environmentOptions: { jsdom: { url: 'http://localhost:8081/' } },
    setupFiles: ['./src/test/setup.ts'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
    include: ['src/**/*.test.{ts,tsx}'],
    server: { deps: { inline: [/radix-ui/, /cmdk/] } },
  },
});
