import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };

const codes = [...readme.matchAll(/^### ([A-Z][A-Z0-9_]+)(?:: (.+))?$/gm)].map(([, code = '', message]) => ({
  code,
  message,
}));

/** Files of the product, not of its tests or papers, in which a string occurs. */
function filesWith(text: string): string[] {
  try {
    return execFileSync('git', ['grep', '-lF', text, '--', 'services', 'edge', 'models', 'ffmpeg', ':!*.md'], {
      cwd: root,
      encoding: 'utf8',
    })
      .split('\n')
      .filter(Boolean);
  } catch {
    return [];
  }
}

describe('README', () => {
  it.each(codes)('troubleshooting: $code is a code that the product uses', ({ code, message }) => {
    expect(filesWith(`'${code}'`).concat(filesWith(`${code}:`))).not.toEqual([]);
    // Numbers in a message are examples: its words before the first one must be in the code.
    const words = message?.split(/\d/)[0]?.trim();
    if (words !== undefined && words !== '') expect(filesWith(words)).not.toEqual([]);
  });

  it('has troubleshooting at all', () => {
    expect(codes.length).toBeGreaterThan(15);
  });

  it('names only scripts that exist', () => {
    const named = [...readme.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  it('links only to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(5);
    for (const link of links) expect(existsSync(`${root}${link}`), link).toBe(true);
  });

  it('lists every DIPPER_ setting of npm start, and no other', async () => {
    const { STANDALONE_SETTINGS } = await import('@dipper/standalone/config');
    const listed = new Set([...readme.matchAll(/`(DIPPER_[A-Z_]+)`/g)].map(([, name = '']) => name));
    expect([...listed].sort()).toEqual([...STANDALONE_SETTINGS].sort());
  });
});
