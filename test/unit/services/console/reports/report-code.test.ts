import { expect, test } from 'vitest';
import { normalCode } from '../../../../../services/console/reports/report-code.ts';

test.each([
  ['7KQ2-9MXT-B4RW-6HZC-PD8V', '7KQ2-9MXT-B4RW-6HZC-PD8V'],
  [' 7kq29mxt b4rw6hzc–pd8v ', '7KQ2-9MXT-B4RW-6HZC-PD8V'],
  ['IKQ2-9MXT-B4RW-6HZC-OD8L', '1KQ2-9MXT-B4RW-6HZC-0D81'],
  ['7KQ2-9MXT-B4RW-6HZC-PD8', undefined],
  ['7KQ2-9MXT-B4RW-6HZC-PD8U', undefined],
  ['', undefined],
])('%s is read as %s', (typed, code) => expect(normalCode(typed)).toBe(code));
