import { decodeLiveFrame, type LiveFrameKind, LiveHeader } from '@dipper/contract/uplink';
import { createValidator } from '@dipper/contract/validation';
import { WebSocket } from 'ws';
import type { ApiClient } from './api-client.ts';

/** What a browser would have got. */
export interface LiveViewer {
  readonly headers: LiveHeader[];
  /** Kind and the number that the test's edge put in place of a time. */
  readonly frames: { readonly kind: LiveFrameKind; readonly number: number }[];
  readonly socket: WebSocket;
  /** Code and reason with which the hub ended it. */
  readonly closed: Promise<[number, string]>;
}

const Header = createValidator(LiveHeader);

export async function watchLive(url: string, client: ApiClient, device: string): Promise<LiveViewer> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/devices/${device}/live`, {
    headers: { authorization: `Bearer ${client.token}` },
  });
  const viewer: LiveViewer = {
    headers: [],
    frames: [],
    socket,
    closed: new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, String(reason)]))),
  };
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) {
      viewer.headers.push(Header.parse(JSON.parse(String(data))));
      return;
    }
    const frame = decodeLiveFrame(data);
    if (frame !== undefined) viewer.frames.push({ kind: frame.kind, number: frame.atMs });
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return viewer;
}
