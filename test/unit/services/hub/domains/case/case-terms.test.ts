import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCalendarFile } from '@dipper/hub/domains/case/calendar.file';
import { readCaseCategoriesFile } from '@dipper/hub/domains/case/case-categories.file';
import { cellOf } from '@dipper/hub/domains/case/case-export';
import { createCaseTerms } from '@dipper/hub/domains/case/case-terms';
import { locationFromExif } from '@dipper/hub/domains/case/exif-location';
import { createWorkingCalendar } from '@dipper/hub/domains/case/working-calendar';
import { createSecretCode, readSecretCode } from '@dipper/hub/secret-code';
import { afterAll, describe, expect, it } from 'vitest';

const config = (name: string): string => fileURLToPath(new URL(`../../../../../../config/${name}`, import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'dipper-terms-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A sample file with something changed in it. */
function changed(name: string, from: string, to: string): string {
  const sample = readFileSync(config(name), 'utf8');
  expect(sample).toContain(from);
  writeFileSync(join(dir, name), sample.replace(from, to));
  return join(dir, name);
}

describe('deadlines', () => {
  const unknown: string[] = [];
  const terms = createCaseTerms(
    readCaseCategoriesFile(config('case-categories.yaml')),
    createWorkingCalendar(readCalendarFile(config('calendar.yaml'))),
    (deadline) => unknown.push(deadline.toISOString()),
  );
  const allowed = (category: string) => {
    const found = terms.find(category);
    if (found === undefined) throw new Error(category);
    return terms.timeAllowed(found);
  };
  const friday = new Date('2026-09-25T09:00:00.000Z');

  it('are two hours and a day round the clock, seven and fifteen working days', () => {
    const due = (category: string): string => terms.deadlineFrom(friday, allowed(category)).toISOString();
    expect(due('danger')).toBe('2026-09-25T11:00:00.000Z');
    expect(due('water-power-gas')).toBe('2026-09-26T09:00:00.000Z');
    expect(due('public-lighting')).toBe('2026-10-12T09:30:00.000Z');
    expect(due('dispute')).toBe('2026-10-22T09:30:00.000Z');
  });

  it('move by what the clock stood still: the very time, or the working days', () => {
    const resumedAt = new Date('2026-09-29T09:00:00.000Z');
    const move = (category: string): string => {
      const deadline = terms.deadlineFrom(friday, allowed(category));
      return terms.deadlineAfterSuspension(deadline, allowed(category), friday, resumedAt).toISOString();
    };
    expect(move('danger')).toBe('2026-09-29T11:00:00.000Z');
    // Monday and Tuesday.
    expect(move('public-lighting')).toBe('2026-10-14T09:30:00.000Z');
    const deadline = terms.deadlineFrom(friday, allowed('public-lighting'));
    expect(terms.deadlineAfterSuspension(deadline, allowed('public-lighting'), friday, friday)).toEqual(deadline);
  });

  it('that run into a year whose days off are not known are told of', () => {
    expect(unknown).toEqual([]);
    terms.deadlineFrom(new Date('2026-12-28T02:00:00.000Z'), allowed('public-lighting'));
    expect(unknown).toHaveLength(1);
  });
});

describe('the files', () => {
  it('are refused with line and key', () => {
    const calendar = (from: string, to: string) => () => readCalendarFile(changed('calendar.yaml', from, to));
    expect(calendar('2026-05-09', '2026-05-08')).toThrow(/worked.*is no Saturday or Sunday/);
    expect(calendar('2026-05-01..2026-05-05', '2026-05-05..2026-05-01')).toThrow(/is no span of days/);
    expect(calendar('2026-10-10', '2025-10-11')).toThrow(/does not lie in 2026/);
    expect(calendar('2026-04-04..2026-04-06', '2026-04-04..2026-04-31')).toThrow(/is no span of days/);
    const categories = (from: string, to: string) => () =>
      readCaseCategoriesFile(changed('case-categories.yaml', from, to));
    expect(categories('- id: danger', '- id: dispute')).toThrow(/'dispute' occurs twice/);
    expect(categories('deadline: urgent', 'deadline: soon')).toThrow(/deadline/);
  });
});

describe('what comes from outside', () => {
  it('is no formula in a spreadsheet', () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
      expect(cellOf(`${start}1`)).toMatch(/^"?'/);
    expect([cellOf('a,b'), cellOf('a"b'), cellOf(null), cellOf('路灯')]).toEqual(['"a,b"', '"a""b"', '', '路灯']);
  });

  it('is a code in whatever way somebody typed it, or none', () => {
    const code = createSecretCode();
    expect(readSecretCode(` ${code.toLowerCase().replaceAll('-', '')} `)).toBe(code);
    expect(readSecretCode('OIL0-0000-0000-0000-0000')).toBe('0110-0000-0000-0000-0000');
    for (const none of ['', 'x', code.slice(1), `${code}0`, code.replace(/.$/, 'U')]) {
      expect(() => readSecretCode(none), none).toThrow('is no code');
    }
    expect(new Set(Array.from({ length: 1_000 }, createSecretCode)).size).toBe(1_000);
  });

  it('is no position where an Exif block leads astray', () => {
    const astray = Buffer.from('4578696600004d4d002a00000008000188250004000000017fffffff', 'hex');
    expect(locationFromExif(astray)).toBeUndefined();
    expect(locationFromExif(Buffer.from('Exif'))).toBeUndefined();
    expect(locationFromExif(Buffer.alloc(0))).toBeUndefined();
  });
});
