import { randomUUID } from 'node:crypto';
import type { EvidenceLock, NewEvidenceLock, Timeline } from '@dipper/contract/api/recording';
import type { CommandAction } from '@dipper/contract/commands';
import { DipperError } from '@dipper/contract/errors';
import { TimelineHeader } from '@dipper/contract/uplink';
import { createValidator } from '@dipper/contract/validation';
import type { WebSocket } from 'ws';
import type { CommandSender } from '../commands/command-sender.ts';
import type { UplinkOpener } from '../uplink/uplink-opener.ts';
import { firstFrame, type UplinkFrame, uplinkFrames } from './uplink-frames.ts';

/** A camera, and the agent that records it. */
export interface RecordedCamera {
  readonly estate: string;
  readonly agent: string;
  readonly device: string;
}

/** What the hub can have an edge say about its recordings, and do with them. All of it may throw AGENT_OFFLINE, COMMAND_TIMEOUT. */
export interface Recordings {
  /** @throws DipperError RECORDING_OFF, RECORDINGS_UNAVAILABLE, TIMELINE_TOO_LONG */
  readTimeline(camera: RecordedCamera, from: string, until: string, signal: AbortSignal): Promise<Timeline>;
  /** @throws DipperError RECORDING_MISSING, RECORDING_OFF, RECORDINGS_UNAVAILABLE */
  lock(camera: RecordedCamera, lock: NewEvidenceLock, signal: AbortSignal): Promise<EvidenceLock>;
  /** @throws DipperError NOT_FOUND */
  unlock(camera: RecordedCamera, id: string, signal: AbortSignal): Promise<void>;
}

export interface RecordingsOptions {
  readonly openUplink: UplinkOpener;
  readonly sendCommand: CommandSender;
}

const Words = createValidator(TimelineHeader);
const NORMAL_CLOSURE = 1000;

export function createRecordings({ openUplink, sendCommand }: RecordingsOptions): Recordings {
  const tell = async ({ estate, agent }: RecordedCamera, action: CommandAction, signal: AbortSignal): Promise<void> => {
    await sendCommand({ estate, agent }, action, signal);
  };
  return {
    async readTimeline({ estate, agent, device }, from, until, signal) {
      const opened = Promise.withResolvers<[WebSocket, AsyncIterable<UplinkFrame<TimelineHeader>>]>();
      await openUplink(
        { estate, agent },
        (address) => ({ name: 'recording.list', device, from, until, ...address }),
        (socket) => opened.resolve([socket, uplinkFrames(socket, Words)]),
        signal,
      );
      const [socket, frames] = await opened.promise;
      try {
        const frame = await firstFrame(socket, frames[Symbol.asyncIterator]());
        if (frame.kind !== 'word' || frame.word.device !== device) throw new DipperError('MESSAGE_INVALID');
        const { kind: _kind, ...timeline } = frame.word;
        return timeline;
      } finally {
        socket.close(NORMAL_CLOSURE);
      }
    },
    async lock(camera, lock, signal) {
      const id = randomUUID();
      await tell(camera, { name: 'recording.lock', device: camera.device, id, ...lock }, signal);
      return { id, ...lock };
    },
    unlock: (camera, id, signal) => tell(camera, { name: 'recording.unlock', device: camera.device, id }, signal),
  };
}
