import type { DeviceCommand } from '@dipper/contract/api/device-command';
import type { DoorAction } from '@dipper/contract/door-action';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

export interface GateOrder {
  readonly action: DoorAction;
  readonly reason: string;
}

/** Has a gate do something; answered once the edge has seen what came of it. Never sent again by itself. */
export function useGateCommand(device: string) {
  const { client } = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (order: GateOrder) =>
      client.send<DeviceCommand>('POST', `/api/v1/devices/${encodeURIComponent(device)}/commands`, order),
    retry: false,
    onSettled: () => cache.invalidateQueries({ queryKey: keys.deviceCommands(device) }),
  });
}
