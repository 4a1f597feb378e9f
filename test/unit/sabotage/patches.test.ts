import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const patches = readdirSync(`${root}test/sabotage`).filter((file) => file.endsWith('.patch'));

/** A patch that has drifted from the code breaks nothing, and is noticed here in the commit that moved the code. */
it.each(patches)('%s still applies', (patch) => {
  expect(() =>
    execFileSync('git', ['apply', '--check', '--recount', `test/sabotage/${patch}`], { cwd: root, stdio: 'pipe' }),
  ).not.toThrow();
});
