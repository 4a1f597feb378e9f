import type { ExportView, NewExport } from '@dipper/contract/api/recording';
import { useEffect, useRef, useState } from 'react';
import type { HubClient } from '../api/hub-client.ts';
import { useHub } from '../api/hub-context.ts';
import { HubError, isErrorCode } from '../api/hub-error.ts';
import type { TimeView } from './time-view.ts';

export type ExportProgress =
  | { readonly kind: 'choosing' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'receiving'; readonly bytes: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The video is in the browser's keeping until the page is left. */
  | { readonly kind: 'done'; readonly made: ExportView; readonly video: Blob };

/** The figure need not move faster than it can be read. */
const TELL_EVERY_MS = 250;
/** A manifest is written within a second; a hub that takes half a minute will not. */
const LOOK_EVERY_MS = 500;
const MAX_LOOKS = 60;

/** Exports one range: asked for with a reason, then received byte by byte; hanging up cancels it. */
export function useExport(device: string) {
  const { client } = useHub();
  const [progress, setProgress] = useState<ExportProgress>({ kind: 'choosing' });
  const ending = useRef<AbortController>(undefined);
  useEffect(() => () => ending.current?.abort(), []);
  const run = async (asked: NewExport, signal: AbortSignal): Promise<void> => {
    const path = `/api/v1/devices/${encodeURIComponent(device)}/exports`;
    const { id } = await client.send<ExportView>('POST', path, asked, signal);
    setProgress({ kind: 'receiving', bytes: 0 });
    const video = await receive(client, `/api/v1/exports/${id}/video`, signal, (bytes) =>
      setProgress({ kind: 'receiving', bytes }),
    );
    setProgress({ kind: 'done', made: await finished(client, id, signal), video });
  };
  return {
    progress,
    start({ fromMs, untilMs }: TimeView, reason: string): void {
      ending.current?.abort();
      const ended = new AbortController();
      ending.current = ended;
      setProgress({ kind: 'asking' });
      const asked = { from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString(), reason };
      run(asked, ended.signal).catch((error: unknown) => {
        if (!ended.signal.aborted) setProgress({ kind: 'failed', error });
      });
    },
    cancel(): void {
      ending.current?.abort();
      setProgress({ kind: 'cancelled' });
    },
    again: () => setProgress({ kind: 'choosing' }),
  };
}

/** The bytes came to an end, and the hub says whether it was the end: it signs the manifest meanwhile. @throws HubError */
async function finished(client: HubClient, id: string, signal: AbortSignal): Promise<ExportView> {
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const made = await client.get<ExportView>(`/api/v1/exports/${id}`, signal);
    if (made.state === 'done') return made;
    if (made.state === 'failed') throw new HubError(isErrorCode(made.code) ? made.code : 'ANSWER_UNREADABLE');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new HubError('HUB_TIMEOUT');
}

/** Receives a file as a Blob, which the browser keeps on its disk where it is large. @throws HubError */
async function receive(
  client: HubClient,
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Blob> {
  const answer = await client.openFile(path, signal);
  if (answer.body === null) throw new HubError('ANSWER_UNREADABLE');
  let bytes = 0;
  let toldAtMs = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      controller.enqueue(chunk);
      if (performance.now() - toldAtMs < TELL_EVERY_MS) return;
      toldAtMs = performance.now();
      onBytes(bytes);
    },
  });
  try {
    const file = await new Response(answer.body.pipeThrough(count)).blob();
    return file.slice(0, file.size, 'video/mp4');
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new HubError('HUB_UNREACHABLE', { cause });
  }
}
