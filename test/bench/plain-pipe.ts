import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rtspInputScript } from '@dipper/ffmpeg/rtsp-input';
import { runFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { WebSocketServer } from 'ws';
import type { CountingCamera } from '../support/counting-camera.ts';

/** The shortest way from a camera to a page: one ffmpeg for each viewer, its output piped into a WebSocket, untouched. */
export interface PlainPipe extends AsyncDisposable {
  readonly url: string;
  readonly command: string;
}

const OUTPUT = [
  ...['-map', '0:v:0', '-c', 'copy', '-f', 'mp4', '-movflags', 'frag_every_frame+empty_moov+default_base_moof'],
  ...['-flush_packets', '1', 'pipe:1'],
];

/** Puts into a source buffer what comes, and stays within a third of a second of its end. */
const pageFor = (codec: string): string => `<!doctype html><meta charset="utf-8"><title>plain pipe</title>
<style>body { margin: 0 } video { width: 100% }</style>
<figure data-state="live"><video muted playsinline></video></figure>
<script>
const video = document.querySelector('video');
const source = new MediaSource();
video.src = URL.createObjectURL(source);
source.onsourceopen = () => {
  const buffer = source.addSourceBuffer('video/mp4; codecs="${codec}"');
  const waiting = [];
  const next = () => { if (!buffer.updating && waiting.length > 0) buffer.appendBuffer(waiting.shift()); };
  buffer.onupdateend = () => {
    if (buffer.buffered.length > 0) {
      const end = buffer.buffered.end(buffer.buffered.length - 1);
      if (end - video.currentTime > 0.35) video.currentTime = end - 0.15;
      if (video.paused) video.play();
    }
    next();
  };
  const socket = new WebSocket(location.href.replace('http', 'ws') + 'live');
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => { waiting.push(data); next(); };
};
</script>`;

/** @param codec RFC 6381, of the camera's stream */
export async function startPlainPipe(ffmpegPath: string, camera: CountingCamera, codec: string): Promise<PlainPipe> {
  const server = createServer((_, reply) => reply.setHeader('content-type', 'text/html').end(pageFor(codec)));
  const sockets = new WebSocketServer({ server });
  const runs = new Set<Promise<unknown>>();
  const owner = new AbortController();
  sockets.on('connection', (socket) => {
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    const input = rtspInputScript({ url: camera.url, ...camera.login, timeoutMs: 5_000 });
    const run = runFfmpeg({
      ...{ path: ffmpegPath, args: [...input.args, ...OUTPUT], input: input.stdin, secrets: input.secrets },
      signal: AbortSignal.any([gone.signal, owner.signal]),
    });
    run.stdout.on('data', (bytes: Buffer) => socket.send(bytes));
    runs.add(run.ended);
    void run.ended.then(() => runs.delete(run.ended));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    command: `ffmpeg -rtsp_transport tcp -i ${camera.url} ${OUTPUT.join(' ')}`,
    async [Symbol.asyncDispose]() {
      owner.abort();
      for (const socket of sockets.clients) socket.terminate();
      await Promise.all(runs);
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
