import type { AccountChange, AccountView, NewAccount } from '@dipper/contract/api/account';
import type { PasswordCode } from '@dipper/contract/api/password';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** Everybody who may sign in, and who might once. */
export function useAccounts() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.accounts,
    queryFn: ({ signal }) => listEverything<AccountView>(client, '/api/v1/accounts', signal),
    // The feed does not tell of accounts: another admin may have been here.
    staleTime: 0,
  });
}

function useRefresh(): () => Promise<unknown> {
  const queryClient = useQueryClient();
  return () =>
    Promise.all([keys.accounts, keys.assigneeLists].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
}

export function useCreateAccount() {
  const { client } = useHub();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (account: NewAccount) => client.send<AccountView>('POST', '/api/v1/accounts', account),
    onSuccess: refresh,
  });
}

/** Makes a one-time code with which whoever an account is for sets its password. */
export function useMakePasswordCode() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (id: string) =>
      client.send<PasswordCode>('POST', `/api/v1/accounts/${encodeURIComponent(id)}/password-codes`, {}),
  });
}

/** Changes an account; all but a new display name signs it out everywhere. */
export function useChangeAccount() {
  const { client } = useHub();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, change }: { readonly id: string; readonly change: AccountChange }) =>
      client.send<AccountView>('PATCH', `/api/v1/accounts/${encodeURIComponent(id)}`, change),
    onSuccess: refresh,
  });
}
