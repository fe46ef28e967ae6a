import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig(({ mode }) => ({
  // The tests take the components as they are shipped.
  plugins: [svelte(mode === 'test' ? { compilerOptions: { dev: false } } : {})],
  clearScreen: false,
  resolve: {
    alias: { $lib: page('./src/lib') },
    // Component tests mount components, so they need Svelte's browser build.
    conditions: mode === 'test' ? ['browser'] : undefined,
  },
  build: {
    // WebKitGTK 2.44, WebView2 and WKWebView of the same age all have `light-dark()`.
    target: ['safari18', 'chrome123'],
    outDir: mode === 'fake' ? 'dist-fake' : 'dist',
    emptyOutDir: true,
    // The content security policy allows no data: scripts or styles, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: [page('./index.html'), page('./password.html'), page('./quick.html')] },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test-setup.ts'],
    include: ['src/**/*.test.ts'],
    restoreMocks: true,
    testTimeout: 20_000,
    // As it comes, it leaves one core alone, which is half of two.
    maxWorkers: '100%',
    // One document for all files of a worker: making one for each takes as long as the tests.
    isolate: false,
  },
}));
