import type { DeviceCommand, NewDeviceCommand, PtzPresets } from '@dipper/contract/api/device-command';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';
import { createPtzHold } from './ptz-hold.ts';

/** Nothing that the camera forgets by itself. */
const PRESETS_FRESH_MS = 60_000;

/** The positions that a camera remembers; PTZ_NOT_SUPPORTED from one that does not turn. */
export function usePresets(device: string) {
  const { client } = useHub();
  return useQuery({
    queryKey: keys.presets(device),
    queryFn: ({ signal }) => client.get<PtzPresets>(`/api/v1/devices/${encodeURIComponent(device)}/presets`, signal),
    select: ({ presets }) => presets,
    retry: false,
    staleTime: PRESETS_FRESH_MS,
  });
}

type Send = (command: NewDeviceCommand) => Promise<DeviceCommand>;

function useSend(device: string): Send {
  const { client } = useHub();
  return useCallback(
    (command) => client.send<DeviceCommand>('POST', `/api/v1/devices/${encodeURIComponent(device)}/commands`, command),
    [client, device],
  );
}

/** A hand on a camera; what is held is let go when the page loses the keyboard, is hidden or left. */
export function usePtzHold(device: string) {
  const send = useSend(device);
  const [error, setError] = useState<unknown>(null);
  const hold = useMemo(
    () =>
      createPtzHold({
        move: async (velocity, continues) => {
          const command = { action: 'ptz.move', velocity, ...(continues !== undefined && { continues }) } as const;
          return (await send(command)).id;
        },
        stop: () => send({ action: 'ptz.stop' }),
        onError: setError,
      }),
    [send],
  );
  useEffect(() => {
    const release = (): void => hold.release();
    const events = [
      [window, 'blur'],
      [window, 'pagehide'],
      [document, 'visibilitychange'],
    ] as const;
    for (const [target, name] of events) target.addEventListener(name, release);
    return () => {
      for (const [target, name] of events) target.removeEventListener(name, release);
      release();
    };
  }, [hold]);
  return { hold, error, forget: () => setError(null) };
}

/** Goes to, sets or removes a preset. */
export function usePresetCommand(device: string) {
  const send = useSend(device);
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (command: Extract<NewDeviceCommand, { action: `ptz.preset-${string}` }>) => send(command),
    retry: false,
    onSuccess: (_, { action }) => {
      if (action !== 'ptz.preset-go') void cache.invalidateQueries({ queryKey: keys.presets(device) });
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.deviceCommands(device) }),
  });
}
