import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DENIAL_REASONS, GRANT_REASONS } from '@dipper/contract/access-reasons';
import { PRIORITIES } from '@dipper/contract/api/alarm';
import { CASE_ACTIONS, CASE_OCCURRENCES, CASE_STATES, PLATFORMS } from '@dipper/contract/api/case';
import { ROLES } from '@dipper/contract/api/session';
import { ERROR_CODES } from '@dipper/contract/errors';
import { describe, expect, it } from 'vitest';
import { en } from '../../../../../services/console/i18n/en.ts';
import { problemsIn } from '../../../../../services/console/i18n/problems.ts';
import { zh } from '../../../../../services/console/i18n/zh.ts';

const CONSOLE = fileURLToPath(new URL('../../../../../services/console', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../../../../..', import.meta.url));

function textsOf(tree: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'string' ? [[`${path}${key}`, value] as const] : [...textsOf(value as object, `${path}${key}.`)],
    ),
  );
}

function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').sort();
}

function sourcesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/^(dist|node_modules|i18n\/(zh|en))/.test(file))
    .map((file) => readFileSync(`${dir}/${file}`, 'utf8'));
}

const chinese = textsOf(zh);
const english = textsOf(en);

describe('texts of the page', () => {
  it('are complete in both languages', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  it('name the same things in both languages', () => {
    const differing = [...chinese].filter(
      ([key, text]) => String(placeholdersOf(text)) !== String(placeholdersOf(english.get(key) ?? '')),
    );
    expect(differing).toEqual([]);
  });

  it('are Chinese in Chinese, and hold no Chinese in English', () => {
    const han = /\p{Script=Han}/u;
    const holdsNoWord = (text: string): boolean => !/\p{L}/u.test(text.replaceAll(/\{\{\w+\}\}/g, ''));
    expect([...chinese].filter(([, text]) => !han.test(text) && !holdsNoWord(text))).toEqual([]);
    expect([...english].filter(([, text]) => han.test(text))).toEqual([]);
  });

  it('say every error code of the contract in both', () => {
    for (const language of ['zh', 'en'] as const) {
      const texts = problemsIn(language);
      expect(Object.keys(texts)).toEqual(Object.keys(ERROR_CODES));
      expect(Object.values(texts).every((text) => text.length > 2)).toBe(true);
    }
  });

  it('say every reason for which a gate grants or denies', () => {
    expect(Object.keys(zh.reasons).sort()).toEqual([...DENIAL_REASONS, ...GRANT_REASONS, 'unknown'].sort());
  });

  it('have a word for everything that the contract can say', () => {
    expect(Object.keys(zh.cases.state)).toEqual([...CASE_STATES]);
    expect(Object.keys(zh.cases.action).sort()).toEqual([...CASE_ACTIONS, ...CASE_OCCURRENCES].sort());
    expect(Object.keys(zh.cases.platforms)).toEqual([...PLATFORMS]);
    expect(Object.keys(zh.alarms.priority)).toEqual([...PRIORITIES]);
    expect(Object.keys(zh.shell.roles)).toEqual([...ROLES]);
  });

  it('say every cause that the edge gives for a device that is not well', () => {
    const files = ['edge/onvif/errors.ts', 'edge/access/gate-error.ts', 'ffmpeg/errors.ts'];
    const codes = files.flatMap((file) =>
      [...readFileSync(`${REPOSITORY}/${file}`, 'utf8').matchAll(/^ {2}([A-Z]+(?:_[A-Z]+)+):/gm)].map(
        ([, code]) => code,
      ),
    );
    expect(codes.length).toBeGreaterThan(25);
    expect(codes.filter((code) => code !== undefined && !Object.hasOwn(zh.causes, code))).toEqual([]);
  });

  it('are in the dictionaries, not in the components', () => {
    const withoutComments = sourcesOf(CONSOLE).map((text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''));
    const strays = withoutComments.flatMap((text) => text.match(/\p{Script=Han}+/gu) ?? []);
    // A language names itself in itself.
    expect([...new Set(strays)]).toEqual(['中文']);
  });
});
