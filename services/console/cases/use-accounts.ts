import type { Role } from '@dipper/contract/api/session';
import { useQuery } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { useAllowed } from '../session/session-context.ts';

/** The part of an account that is needed to give it work. */
interface Account {
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly disabledAt: string | null;
}

/** Roles that can accept a case and handle it. */
const FIELD: readonly Role[] = ['grid-worker', 'admin'];

/** Who can be given a case; undefined where the list may not be read (then a name is typed), or has not come yet. */
export function useAssignees(): readonly Account[] | undefined {
  const { client } = useHub();
  const { data } = useQuery({
    queryKey: keys.accounts,
    queryFn: ({ signal }) => listEverything<Account>(client, '/api/v1/accounts', signal),
    enabled: useAllowed('listAccounts'),
  });
  return data?.filter(({ disabledAt, roles }) => disabledAt === null && roles.some((role) => FIELD.includes(role)));
}
