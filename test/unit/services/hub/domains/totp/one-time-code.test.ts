import { describe, expect, it } from 'vitest';
import {
  base32,
  codeOf,
  generateRecoveryCode,
  otpauthUri,
  stepOf,
} from '../../../../../../services/hub/domains/totp/one-time-code.ts';

/** RFC 6238, appendix B, SHA-1; the last six of its eight digits. */
const SECRET = Buffer.from('12345678901234567890');

describe('a one-time code', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ])('at %i seconds is that of RFC 6238', (seconds, code) => {
    expect(codeOf(SECRET, Math.floor(seconds / 30))).toBe(code);
  });

  it('counts one step early and late, and no more', () => {
    const step = 41_152_263;
    const at = (offset: number): number | undefined => stepOf(SECRET, codeOf(SECRET, step), (step + offset) * 30_000);
    expect([-2, -1, 0, 1, 2].map(at)).toEqual([undefined, step, step, step, undefined]);
  });

  it('comes from a secret as authenticators read it (RFC 4648, §10)', () => {
    expect(['f', 'fo', 'foo', 'foobar'].map((text) => base32(Buffer.from(text)))).toEqual([
      'my',
      'mzxq',
      'mzxw6',
      'mzxw6ytboi',
    ]);
    expect(otpauthUri('王 admin', SECRET)).toBe(
      'otpauth://totp/Dipper:%E7%8E%8B%20admin?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Dipper&digits=6&period=30',
    );
    expect(generateRecoveryCode()).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  });
});
