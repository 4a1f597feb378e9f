import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DATA_CLASSES } from '@dipper/contract/api/retention';
import { readRetentionFile } from '@dipper/hub/retention/retention-file';
import { describe, expect, it } from 'vitest';

const SAMPLE = fileURLToPath(new URL('../../../../../config/retention.yaml', import.meta.url));

describe('config/retention.yaml', () => {
  it('is valid, and names every class with a reason in both languages', () => {
    const policy = readRetentionFile(SAMPLE);
    expect(Object.keys(policy)).toEqual([...DATA_CLASSES]);
    for (const { reason } of Object.values(policy)) {
      expect(reason.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(reason.en).toMatch(/[a-z]/);
    }
  });

  it.each([
    ['  face:\n', '  faces:\n', /faces is not a key; did you mean 'face'\?/],
    ['keepDays: 30\n', 'keepDay: 30\n', /line \d+: classes\.face\.keepDay is not a key; did you mean 'keepDays'\?/],
    ['keepDays: 30\n', 'keepDays: 7\n', /classes\.face\.compressAfterDays: must be less than keepDays, 7/],
    ['keepDays: 30\n', 'keepDays: 0\n', /classes\.face\.keepDays/],
    ['keepDays: 1095\n', 'keepDays: 90\n', /classes\.audit\.keepDays/],
    ['keepDays: 1095\n', 'keepDays: 1095\n    compressAfterDays: 7\n', /compressAfterDays is not a key/],
  ])('does not take %j changed to %j', (from, to, problem) => {
    const text = readFileSync(SAMPLE, 'utf8');
    if (!text.includes(from)) throw new Error(`the sample has no '${from}'`);
    const file = join(mkdtempSync(join(tmpdir(), 'dipper-retention-')), 'retention.yaml');
    writeFileSync(file, text.replace(from, to));
    expect(() => readRetentionFile(file)).toThrow(problem);
  });
});
