import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PatchHeader, readPatchHeader } from './patch-header.ts';
import { createWorkshop, type Workshop } from './workshop.ts';

/**
 * `npm run test:sabotage [-- NAME…]`: applies each patch of this folder to a copy of the repository and runs the test it
 * names. A test that stays green while its promise is broken proves nothing, and so does one that was red before.
 */
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 240_000;

const wanted = process.argv.slice(2);
const patches = readdirSync(here)
  .filter((file) => file.endsWith('.patch'))
  .filter((file) => wanted.length === 0 || wanted.includes(file.replace(/\.patch$/, '')))
  .sort();
if (patches.length === 0) {
  console.error('no such patch');
  process.exit(1);
}

let failed = 0;
const workshop = createWorkshop(root);
try {
  for (const file of patches) {
    const verdict = judge(workshop, join(here, file));
    if (verdict !== 'red') failed += 1;
    console.log(`${verdict === 'red' ? 'ok  ' : 'FAIL'} ${file}: ${verdict}`);
  }
} finally {
  workshop.remove();
}
console.log(`${patches.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function judge(copy: Workshop, patchFile: string): string {
  const header = readPatchHeader(patchFile, readFileSync(patchFile, 'utf8'));
  console.log(`     breaks: ${header.breaks}`);
  const before = runTest(copy.dir, header);
  if (before !== 'green') return `the test is ${before} before anything is broken`;
  try {
    copy.apply(patchFile);
  } catch {
    return 'the patch does not apply any more';
  }
  const after = runTest(copy.dir, header);
  copy.revert(patchFile);
  return after === 'green' ? 'the test stayed GREEN' : after;
}

/** Green, red (assertions failed) or what else went wrong: a file that does not load is not a test that noticed. */
function runTest(cwd: string, { test, only }: PatchHeader): string {
  const config = test.endsWith('.wide.test.ts') ? 'test/vitest.wide.config.ts' : 'test/vitest.config.ts';
  // Vitest 5 writes its report to a file.
  const reportFile = join(cwd, 'sabotage-report.json');
  rmSync(reportFile, { force: true });
  const args = ['run', '--config', config, '--reporter=json', `--outputFile=${reportFile}`, test];
  if (only !== undefined) args.push('-t', only);
  const run = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
    cwd,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 256 * 1024 * 1024,
  });
  if (!existsSync(reportFile)) return `broken: ${(run.stderr || run.stdout).slice(-600)}`;
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as { numPassedTests: number; numFailedTests: number };
  if (report.numFailedTests > 0) return 'red';
  return report.numPassedTests > 0 && run.status === 0
    ? 'green'
    : `without a single test that ran: ${run.stderr.slice(-400)}`;
}
