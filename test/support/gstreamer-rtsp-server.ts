import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('gstreamer-rtsp-server.py', import.meta.url));

export interface GstreamerRtspServer {
  /** `rtsp://127.0.0.1:port`; its streams are `/main` (1280 x 720) and `/sub` (640 x 360), H.264, `/hevc` and `/hevc-sub`, H.265, and `/jpeg`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** GStreamer's own RTSP server, through Debian's Python (python3-gi, gir1.2-gst-rtsp-server-1.0). */
export async function startGstreamerRtspServer(login: {
  readonly username: string;
  readonly password: string;
}): Promise<GstreamerRtspServer> {
  const child = spawn('/usr/bin/python3', [SCRIPT, login.username, login.password], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => Promise.reject(new Error(`GStreamer's server ended with ${code}`)));
  failed.catch(() => undefined);
  const [port] = await Promise.race([once(child.stdout, 'data'), failed]);
  return {
    url: `rtsp://127.0.0.1:${Number(port)}`,
    async stop() {
      child.stdin.end();
      const impatience = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await ended;
      clearTimeout(impatience);
    },
  };
}
