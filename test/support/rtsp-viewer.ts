import { connect } from 'node:net';
import { convertWithFfmpeg } from '@dipper/ffmpeg/run-ffmpeg';
import { digestResponse, parseDigestHeader } from '@dipper/simulator/auth/digest';
import { hasSubMark, readFrameCounter } from '@dipper/simulator/scene/frame-counter';

export interface SeenFrame {
  /** Instant of the picture by the sender's clock, from its RTCP sender reports. */
  readonly senderTimeMs: number;
  /** NAL units without start codes. */
  readonly units: Buffer[];
}

export interface ViewOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly frames: number;
  /** Called once pictures arrive. */
  readonly onPlaying?: () => void;
}

/** 1900 to 1970. */
const NTP_UNIX_OFFSET_SEC = 2_208_988_800;

/** A plain RTSP client that shares nothing with ffmpeg's: watches some frames over TCP. @throws if the server ends the connection */
export async function viewStream({ url, username, password, frames, onPlaying }: ViewOptions): Promise<SeenFrame[]> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const bytes = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let pending: Buffer = Buffer.alloc(0);
  const read = async (isEnough: () => boolean) => {
    while (!isEnough()) {
      const { value, done } = await bytes.next();
      if (done === true) throw new Error('the server ended the connection');
      pending = Buffer.concat([pending, value]);
    }
  };
  let cseq = 0;
  const ask = async (method: string, target: string, headers: string, nonce?: string): Promise<string> => {
    const response =
      nonce && digestResponse({ username, password, realm: 'dipper-simulator', nonce, method, uri: target });
    const authorization = nonce
      ? `Authorization: Digest username="${username}", realm="dipper-simulator", nonce="${nonce}", uri="${target}", response="${response}"\r\n`
      : '';
    socket.write(`${method} ${target} RTSP/1.0\r\nCSeq: ${++cseq}\r\n${authorization}${headers}\r\n`);
    await read(() => pending.includes('\r\n\r\n'));
    const head = pending.subarray(0, pending.indexOf('\r\n\r\n') + 4).toString();
    const bodyBytes = Number(/Content-Length: (\d+)/.exec(head)?.[1] ?? 0);
    await read(() => pending.length >= head.length + bodyBytes);
    pending = pending.subarray(head.length + bodyBytes);
    return head;
  };
  try {
    const challenge = /WWW-Authenticate: (.*)/.exec(await ask('DESCRIBE', url, ''))?.[1];
    const nonce = parseDigestHeader(challenge)?.['nonce'] ?? '';
    const transport = 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n';
    const setUp = await ask('SETUP', `${url}/track1`, transport, nonce);
    if (!setUp.startsWith('RTSP/1.0 200')) throw new Error(setUp.split('\r\n')[0]);
    await ask('PLAY', url, `Session: ${/Session: (\w+)/.exec(setUp)?.[1]}\r\n`, nonce);
    const seen: SeenFrame[] = [];
    let report: { ntpMs: number; rtp: number } | undefined;
    let units: Buffer[] = [];
    while (seen.length < frames) {
      await read(() => pending.length >= 4 && pending.length >= 4 + pending.readUInt16BE(2));
      const end = 4 + pending.readUInt16BE(2);
      const packet = pending.subarray(4, end);
      const isRtcp = pending[1] === 1;
      pending = pending.subarray(end);
      if (isRtcp) {
        if (packet[1] !== 200) continue;
        const ntpMs =
          (packet.readUInt32BE(8) - NTP_UNIX_OFFSET_SEC) * 1_000 + (packet.readUInt32BE(12) / 2 ** 32) * 1_000;
        report = { ntpMs, rtp: packet.readUInt32BE(16) };
        continue;
      }
      addPayload(units, packet.subarray(12));
      if (((packet[1] ?? 0) & 0x80) === 0) continue;
      if (report === undefined) throw new Error('no sender report came before the first picture');
      // Signed 32-bit difference: RTP time wraps.
      const ticks = (packet.readUInt32BE(4) - report.rtp) | 0;
      if (seen.push({ senderTimeMs: report.ntpMs + ticks / 90, units }) === 1) onPlaying?.();
      units = [];
    }
    return seen;
  } finally {
    socket.destroy();
  }
}

/** Single NAL units and FU-A fragments (RFC 6184, 5.6 and 5.8). */
function addPayload(units: Buffer[], payload: Buffer): void {
  const [indicator = 0, header = 0] = payload;
  if ((indicator & 0x1f) !== 28) {
    units.push(Buffer.from(payload));
    return;
  }
  if ((header & 0x80) !== 0) units.push(Buffer.from([(indicator & 0xe0) | (header & 0x1f)]));
  units[units.length - 1] = Buffer.concat([units.at(-1) ?? Buffer.alloc(0), payload.subarray(2)]);
}

export interface DecodedFrame {
  /** Packed RGB. */
  readonly rgb: Buffer;
  readonly counter: number | undefined;
  readonly hasSubMark: boolean;
}

/** Decodes watched frames with ffmpeg, which must find nothing to complain about. */
export async function decodeFrames(
  frames: readonly SeenFrame[],
  { widthPx, heightPx, ffmpegPath }: { widthPx: number; heightPx: number; ffmpegPath: string },
): Promise<DecodedFrame[]> {
  const startCode = Buffer.from([0, 0, 0, 1]);
  const raw = await convertWithFfmpeg({
    path: ffmpegPath,
    args: [
      '-xerror',
      '-err_detect',
      'explode',
      '-f',
      'h264',
      '-i',
      'pipe:0',
      '-fps_mode',
      'passthrough',
      '-pix_fmt',
      'rgb24',
      '-f',
      'rawvideo',
      'pipe:1',
    ],
    input: Buffer.concat(frames.flatMap(({ units }) => units.flatMap((unit) => [startCode, unit]))),
    signal: AbortSignal.timeout(20_000),
  });
  const size = widthPx * heightPx * 3;
  return Array.from({ length: raw.length / size }, (_, index) => {
    const rgb = raw.subarray(index * size, (index + 1) * size);
    return { rgb, counter: readFrameCounter(rgb, widthPx, heightPx), hasSubMark: hasSubMark(rgb, widthPx, heightPx) };
  });
}
