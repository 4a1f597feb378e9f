import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { noSkips } from './support/no-skips.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The wider suite: independent programs from Debian (Mosquitto, Chromium, GStreamer, onvif-util, PostgreSQL) and a clean clone. */
export default defineConfig({
  root,
  cacheDir: `${root}/node_modules/.vite-test`,
  test: {
    include: ['test/**/*.wide.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    reporters: process.env['CI'] === 'true' ? ['default', noSkips()] : ['default'],
    pool: 'forks',
    // These tests start whole systems: one at a time on two cores.
    maxWorkers: 1,
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
