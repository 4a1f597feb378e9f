import type { AccountChange, AccountScope, AccountView } from '@dipper/contract/api/account';
import type { Role } from '@dipper/contract/api/session';

/** What a form holds; an empty password stands for the old one. */
interface AccountValues {
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly scope: AccountScope | null;
  readonly password?: string | undefined;
}

/** What is different; undefined when nothing is. Nobody is signed out for a form that was only looked at. */
export function changeFrom(account: AccountView, values: AccountValues): AccountChange | undefined {
  const { displayName, roles, scope, password = '' } = values;
  const hasOtherRoles = String([...roles].sort()) !== String([...account.roles].sort());
  const change: AccountChange = {
    ...(displayName === account.displayName ? {} : { displayName }),
    ...(hasOtherRoles ? { roles: [...roles] } : {}),
    ...(namesOf(scope) === namesOf(account.scope) ? {} : { scope }),
    ...(password === '' ? {} : { password }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

function namesOf(scope: AccountScope | null): string {
  return (scope ?? [])
    .map(({ level, id }) => `${level} ${id}`)
    .sort()
    .join();
}
