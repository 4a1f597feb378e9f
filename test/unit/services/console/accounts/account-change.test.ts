import type { AccountView } from '@dipper/contract/api/account';
import { describe, expect, it } from 'vitest';
import { changeFrom } from '../../../../../services/console/accounts/account-change.ts';

const ACCOUNT: AccountView = {
  id: '0b0f7c3e-2f1e-4f5b-9a55-0d9f4b1c2d3e',
  name: 'li-ming',
  displayName: '李明',
  roles: ['guard', 'dispatcher'],
  scope: null,
  createdAt: '2026-11-24T00:00:00.000Z',
  disabledAt: null,
};

describe('change of an account', () => {
  it('is none when the form holds what there was, in whatever order', () => {
    expect(changeFrom(ACCOUNT, { ...ACCOUNT, roles: ['dispatcher', 'guard'], password: '' })).toBeUndefined();
  });

  it('names only what differs, so that nobody is signed out for nothing', () => {
    expect(changeFrom(ACCOUNT, { ...ACCOUNT, displayName: '李明明' })).toEqual({ displayName: '李明明' });
    expect(changeFrom(ACCOUNT, { ...ACCOUNT, roles: ['guard'], password: 'another one' })).toEqual({
      roles: ['guard'],
      password: 'another one',
    });
    const scope = [{ level: 'grid' as const, id: 'hupan-grid-1' }];
    expect(changeFrom(ACCOUNT, { ...ACCOUNT, scope })).toEqual({ scope });
    expect(changeFrom({ ...ACCOUNT, scope }, { ...ACCOUNT, scope: null })).toEqual({ scope: null });
  });
});
