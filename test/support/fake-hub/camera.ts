import { spawn } from 'node:child_process';
import { encodeLiveFrame } from '@dipper/contract/uplink';
import type { WebSocket } from 'ws';
import { createFragmentSplitter } from './fragments.ts';

/** One moving picture that any number of viewers watch. */
export interface FakeCamera {
  watch(device: string, socket: WebSocket): void;
  /** Nothing comes any more, while every socket stays open: the way a stuck estate looks. */
  freeze(): void;
  thaw(): void;
  /** From here on one picture of every second group is sent: what an edge does that has too much to do. */
  thin(): void;
}

/** Two seconds, so that a late viewer sees something soon. */
const GROUP_FRAMES = 50;
const TEST_PICTURE = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25'];
const ENCODE = `-an -c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -bf 0 -g ${GROUP_FRAMES}`;
const FRAGMENT = '-movflags +empty_moov+default_base_moof+frag_every_frame -f mp4 pipe:1';

/**
 * @param input what ffmpeg reads; ffmpeg's own moving test picture unless given
 * @param signal ends ffmpeg
 */
export function startCamera(ffmpeg: string, signal: AbortSignal, input: readonly string[] = TEST_PICTURE): FakeCamera {
  const child = spawn(ffmpeg, ['-loglevel', 'error', ...input, ...ENCODE.split(' '), ...FRAGMENT.split(' ')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const split = createFragmentSplitter();
  const viewers = new Set<WebSocket>();
  let mime = '';
  let init: Uint8Array | undefined;
  let group: Uint8Array[] = [];
  let isFrozen = false;
  let isThin = false;
  let groups = 0;

  child.stdout.on('data', (chunk: Buffer) => {
    for (const part of split(chunk)) {
      const frame = encodeLiveFrame(part.kind, Date.now(), part.content);
      if (part.kind === 'init') {
        mime = part.mime;
        init = frame;
        continue;
      }
      group = part.kind === 'key' ? [frame] : [...group, frame];
      if (part.kind === 'key') groups++;
      const isLeftOut = isThin && (part.kind === 'delta' || groups % 2 === 0);
      if (!isFrozen && !isLeftOut) for (const viewer of viewers) viewer.send(frame);
    }
  });
  return {
    watch(device, socket) {
      socket.on('close', () => viewers.delete(socket));
      if (isFrozen || init === undefined) return;
      socket.send(JSON.stringify({ kind: 'live', device, stream: 'main', mime, widthPx: 640, heightPx: 360 }));
      for (const frame of [init, ...group]) socket.send(frame);
      viewers.add(socket);
    },
    thin() {
      isThin = true;
    },
    freeze() {
      isFrozen = true;
    },
    thaw() {
      // Viewers have missed pictures that the next ones need: they start again.
      isFrozen = false;
      for (const viewer of viewers) viewer.close(1001);
      viewers.clear();
    },
  };
}
