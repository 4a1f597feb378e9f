import { describe, expect, it } from 'vitest';
import { byteSizeOf } from '../../../../../services/console/retention/byte-size.ts';

describe('a size on disk', () => {
  it.each([
    [0, '0 B'],
    [1023, '1,020 B'],
    [1024, '1 KiB'],
    [1_536, '1.5 KiB'],
    [5_000_000, '4.77 MiB'],
    [3 * 1024 ** 3, '3 GiB'],
    [2_000 * 1024 ** 4, '2,000 TiB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(byteSizeOf(bytes, 'en-GB')).toBe(text);
  });
});
