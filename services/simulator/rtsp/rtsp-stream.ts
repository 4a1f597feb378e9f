import { randomInt } from 'node:crypto';
import type { DeviceClock } from '../device/device-clock.ts';
import { encodeGoodbye, encodeSenderReport } from './rtcp-sender-report.ts';
import { interleave, PAYLOAD_TYPE, packetize, RTP_CLOCK_HZ } from './rtp-packet.ts';

/** Who plays a stream: the two channels of one RTSP session. */
export interface RtspListener {
  readonly rtpChannel: number;
  readonly rtcpChannel: number;
  send(data: Buffer): void;
}

export interface RtspStreamOptions {
  /** Path below the server's address, e.g. `/entrance-camera/main`. */
  readonly path: string;
  /** Makes the stream one of H.265. */
  readonly vps?: Buffer | undefined;
  readonly sps: Buffer;
  readonly pps: Buffer;
  readonly framesPerSec: number;
  /** The clock whose time the sender reports tell; may be wrong. */
  readonly clock: DeviceClock;
  /** The present instant on the clock of `AccessUnit.mediaTimeMs`; shared by a camera's streams, so they agree. */
  readonly mediaNowMs: () => number;
}

/** One access unit, sent at a known instant. */
export interface AccessUnit {
  /** Parameter sets of a key frame that are not as the stream was described: a camera was set to another size. */
  readonly sets?: readonly Buffer[];
  readonly units: readonly Buffer[];
  readonly isKey: boolean;
  /** Instant of the picture on a clock that only ever goes on, in milliseconds; RTP timestamps follow it. */
  readonly mediaTimeMs: number;
}

const SENDER_REPORT_INTERVAL_MS = 2_000;

/** One looped stream of H.264 or H.265: packs each access unit once, whoever listens, and counts its sessions. */
export class RtspStream {
  readonly path: string;
  readonly #options: RtspStreamOptions;
  readonly #ssrc = randomInt(2 ** 32);
  readonly #timestampBase = randomInt(2 ** 32);
  readonly #cname = 'dipper-simulator';
  readonly #listeners = new Map<RtspListener, { isStarted: boolean }>();
  #sequence = randomInt(2 ** 16);
  #packetCount = 0;
  #octetCount = 0;
  #lastReportAtMs = Number.NEGATIVE_INFINITY;
  #openedEver = 0;

  constructor(options: RtspStreamOptions) {
    this.path = options.path;
    this.#options = options;
  }

  get sessions(): { readonly open: number; readonly openedEver: number } {
    return { open: this.#listeners.size, openedEver: this.#openedEver };
  }

  /** Session description (RFC 8866; parameters of RFC 6184, 8.2.1 and RFC 7798, 7.1). */
  get sdp(): string {
    const { vps, sps, pps, framesPerSec } = this.#options;
    const [spsText, ppsText] = [sps.toString('base64'), pps.toString('base64')];
    const profile = sps.subarray(1, 4).toString('hex').toUpperCase();
    const { name, parameters } =
      vps === undefined
        ? {
            name: 'H264',
            parameters: `packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${spsText},${ppsText}`,
          }
        : {
            name: 'H265',
            parameters: `sprop-vps=${vps.toString('base64')};sprop-sps=${spsText};sprop-pps=${ppsText}`,
          };
    return [
      'v=0',
      `o=- ${this.#ssrc} 1 IN IP4 127.0.0.1`,
      's=Dipper simulator',
      'c=IN IP4 0.0.0.0',
      't=0 0',
      'a=control:*',
      'a=range:npt=now-',
      `m=video 0 RTP/AVP ${PAYLOAD_TYPE}`,
      `a=rtpmap:${PAYLOAD_TYPE} ${name}/${RTP_CLOCK_HZ}`,
      `a=fmtp:${PAYLOAD_TYPE} ${parameters}`,
      `a=framerate:${framesPerSec}`,
      'a=control:track1',
      '',
    ].join('\r\n');
  }

  /** Joins at the next key frame; the first sender report goes out at once. */
  join(listener: RtspListener): void {
    this.#listeners.set(listener, { isStarted: false });
    this.#openedEver++;
    listener.send(interleave(listener.rtcpChannel, this.#senderReport()));
  }

  leave(listener: RtspListener): void {
    this.#listeners.delete(listener);
  }

  /** Says goodbye (RFC 3550, 6.6) to a listener whose session ends in order. */
  farewell(listener: RtspListener): void {
    listener.send(interleave(listener.rtcpChannel, encodeGoodbye(this.#ssrc)));
  }

  send({ units, isKey, mediaTimeMs, ...unit }: AccessUnit): void {
    if (this.#listeners.size === 0) return;
    const { vps, sps, pps } = this.#options;
    const sets = unit.sets ?? (vps === undefined ? [sps, pps] : [vps, sps, pps]);
    const position = { ssrc: this.#ssrc, timestamp: this.#rtpTime(mediaTimeMs), sequence: this.#sequence };
    const packets = packetize(isKey ? [...sets, ...units] : units, position, vps === undefined ? 'h264' : 'h265');
    this.#sequence = (this.#sequence + packets.length) & 0xffff;
    this.#packetCount += packets.length;
    this.#octetCount += packets.reduce((sum, packet) => sum + packet.length - 12, 0);
    const framed = new Map<number, Buffer>();
    for (const [listener, state] of this.#listeners) {
      if (!state.isStarted && !isKey) continue;
      state.isStarted = true;
      const channel = listener.rtpChannel;
      const data = framed.get(channel) ?? Buffer.concat(packets.map((packet) => interleave(channel, packet)));
      framed.set(channel, data);
      listener.send(data);
    }
    const nowMs = this.#options.mediaNowMs();
    if (nowMs - this.#lastReportAtMs >= SENDER_REPORT_INTERVAL_MS) {
      this.#lastReportAtMs = nowMs;
      const report = this.#senderReport();
      for (const listener of this.#listeners.keys()) listener.send(interleave(listener.rtcpChannel, report));
    }
  }

  #rtpTime(mediaTimeMs: number): number {
    return (this.#timestampBase + Math.round((mediaTimeMs * RTP_CLOCK_HZ) / 1_000)) % 2 ** 32;
  }

  /** Ties the device's wall clock of this instant to the RTP time of this instant, which lies between two frames. */
  #senderReport(): Buffer {
    return encodeSenderReport({
      ssrc: this.#ssrc,
      wallClockMs: this.#options.clock.nowMs(),
      rtpTimestamp: this.#rtpTime(this.#options.mediaNowMs()),
      packetCount: this.#packetCount,
      octetCount: this.#octetCount,
      cname: this.#cname,
    });
  }
}
