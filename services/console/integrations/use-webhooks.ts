import type { Page } from '@dipper/contract/api/page';
import type {
  CreatedWebhook,
  DeliveryView,
  NewWebhook,
  RotatedSecret,
  WebhookChange,
  WebhookView,
} from '@dipper/contract/api/webhook';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

const PATH = '/api/v1/webhooks';
/** Messages come and go without the feed telling. */
const LOOK_AGAIN_MS = 10_000;
const SHOWN_DELIVERIES = 50;
const pathOf = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;

export function useWebhooks() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.webhooks,
    queryFn: ({ signal }) => listEverything<WebhookView>(client, PATH, signal),
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** The newest messages to a webhook. */
export function useDeliveries(id: string) {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.deliveries(id),
    queryFn: async ({ signal }) =>
      (await client.get<Page<DeliveryView>>(`${pathOf(id)}/deliveries?limit=${SHOWN_DELIVERIES}`, signal)).items,
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

function useRefresh(): () => Promise<unknown> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: keys.webhooks });
}

export function useCreateWebhook() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (webhook: NewWebhook) => client.send<CreatedWebhook>('POST', PATH, webhook),
    onSuccess: useRefresh(),
  });
}

export function useChangeWebhook() {
  const { client } = useHub();
  return useMutation({
    mutationFn: ({ id, change }: { readonly id: string; readonly change: WebhookChange }) =>
      client.send<WebhookView>('PATCH', pathOf(id), change),
    onSuccess: useRefresh(),
  });
}

export function useRemoveWebhook() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (id: string) => client.send<undefined>('DELETE', pathOf(id)),
    onSuccess: useRefresh(),
  });
}

export function useRotateSecret() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (id: string) => client.send<RotatedSecret>('POST', `${pathOf(id)}/secrets`, {}),
    onSuccess: useRefresh(),
  });
}

export function useTestWebhook() {
  const { client } = useHub();
  return useMutation({
    mutationFn: (id: string) => client.send<DeliveryView>('POST', `${pathOf(id)}/tests`, {}),
    onSuccess: useRefresh(),
  });
}
