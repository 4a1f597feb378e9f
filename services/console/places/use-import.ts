import type { ImportFile, ImportReport, ImportRequest } from '@dipper/contract/api/import';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

/** Looks files through, or imports them. */
export function useImport() {
  const { client } = useHub();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (request: ImportRequest) => client.send<ImportReport>('POST', '/api/v1/imports', request),
    onSuccess: ({ outcome }) =>
      outcome === 'imported'
        ? Promise.all(
            [keys.placeTree, keys.places, keys.devices, keys.accounts, keys.assigneeLists].map((queryKey) =>
              queryClient.invalidateQueries({ queryKey }),
            ),
          )
        : undefined,
  });
}

/** A file as it is on disk: the hub finds out its encoding. */
export async function importFileFrom(file: File): Promise<ImportFile> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { name: file.name, contentBase64: btoa(binary) };
}
