import type { DeviceView } from '@dipper/contract/api/inventory';
import { useQuery } from '@tanstack/react-query';
import { listEverything } from '../api/every-page.ts';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** Every device with its present state. */
export function useDevices() {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.devices,
    queryFn: ({ signal }) => listEverything<DeviceView>(client, '/api/v1/devices', signal),
  });
}
