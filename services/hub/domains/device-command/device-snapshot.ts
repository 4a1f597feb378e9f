import { randomUUID } from 'node:crypto';
import { type Picture, receivePicture } from '../../media/picture.ts';
import type { UplinkOpener } from '../../uplink/uplink-opener.ts';
import type { CommandedDevice } from './device-command.service.ts';
import { namedRefusal } from './edge-refusal.ts';

/**
 * Has a camera give a still picture, through its edge.
 * @returns once its bytes are on their way
 * @throws DipperError SNAPSHOT_UNAVAILABLE, AGENT_OFFLINE, COMMAND_TIMEOUT
 */
export type SnapshotFetcher = (
  camera: Pick<CommandedDevice, 'id' | 'estate' | 'agent'>,
  signal: AbortSignal,
) => Promise<Picture>;

export function createSnapshotFetcher(openUplink: UplinkOpener): SnapshotFetcher {
  return async ({ id: device, estate, agent }, signal) => {
    const ref = randomUUID();
    const opened = Promise.withResolvers<Picture>();
    opened.promise.catch(() => undefined); // the edge may refuse by command and by socket; one answer is enough
    try {
      await openUplink(
        { estate, agent },
        (address) => ({ name: 'snapshot.send', device, ref, ...address }),
        (socket) => opened.resolve(receivePicture(socket, ref)),
        signal,
      );
    } catch (error) {
      throw namedRefusal(error, 'SNAPSHOT_UNAVAILABLE');
    }
    return opened.promise;
  };
}
