import { describe, expect, it } from 'vitest';
import { MAX_CHARACTERS, reasonText } from '../../../../../services/console/captures/capture-reason.ts';

describe('reason for a look at a captured face', () => {
  it('is the ready one, with what was added to it', () => {
    expect(reasonText('verify', '核实告警是否属实', ' ')).toBe('核实告警是否属实');
    expect(reasonText('verify', '核实告警是否属实', '东门')).toBe('核实告警是否属实: 东门');
  });

  it('has to be said where no ready one fits', () => {
    expect(reasonText('other', '其他理由', '')).toBeUndefined();
    expect(reasonText('other', '其他理由', '  看看 ')).toBeUndefined();
    expect(reasonText('other', '其他理由', '走失老人')).toBe('走失老人');
  });

  it('fits into what the contract takes', () => {
    expect(reasonText('other', '', 'x'.repeat(2_000))).toHaveLength(MAX_CHARACTERS);
  });
});
