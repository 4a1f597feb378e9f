import type { DigestGuard } from '../auth/digest.ts';
import type { RtspStream } from './rtsp-stream.ts';

/** A stream as a device offers it, with what the device's faults do to it. */
export interface RtspMount {
  readonly deviceId: string;
  readonly stream: RtspStream;
  readonly guard: DigestGuard;
  readonly isUnplugged: () => boolean;
  readonly replyDelayMs: () => number;
}
