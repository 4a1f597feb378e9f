import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { noSkips } from './support/no-skips.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `npm test`: what has to pass on a machine with nothing but Node and npm (ffmpeg is fetched), in under five minutes on two cores. */
export default defineConfig({
  root,
  cacheDir: `${root}/node_modules/.vite-test`,
  test: {
    include: ['test/unit/**/*.test.ts', 'test/system/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.wide.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: process.env['CI'] === 'true' ? ['default', noSkips()] : ['default'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
});
