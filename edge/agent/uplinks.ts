import type { LiveForm, StreamName } from '@dipper/contract/commands';
import { DipperError } from '@dipper/contract/errors';
import type { MediaHeader } from '@dipper/contract/uplink';
import type { Logger } from 'pino';
import type { CommandHandlers } from '../link/commands.ts';
import { type LiveFrame, sendLive } from '../link/live-uplink.ts';
import { type Invitation, sendMedia } from '../link/uplink.ts';
import { MediaError } from './picture-store/media-error.ts';
import type { PictureStore } from './picture-store/picture-store.ts';

/** A camera as far as somebody who wants to look is concerned. */
export interface LiveSource {
  /** @param form absent: as it was filmed */
  live(stream: StreamName, signal: AbortSignal, form?: LiveForm): AsyncIterable<LiveFrame>;
}

export interface UplinksOptions {
  /** Undefined for a device that is none of this agent's cameras. */
  readonly camera: (device: string) => LiveSource | undefined;
  readonly pictures: Pick<PictureStore, 'open'>;
  /** PEM of the authority that vouches for the hub; undefined: those that Node knows. */
  readonly ca?: string | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface Uplinks {
  readonly handlers: CommandHandlers;
  /** Live views being sent now. */
  readonly liveCount: number;
}

/** What a signed command can make the agent send: a live view, or one captured picture. */
export function createUplinks({ camera, pictures, ca, log, signal }: UplinksOptions): Uplinks {
  let liveCount = 0;
  const invitationFrom = ({ uplinkUrl, ticket }: Invitation): Invitation => ({
    ...{ uplinkUrl, ticket },
    ...(ca !== undefined && { ca }),
  });

  /** The picture and what to say about it; one that does not open any more is a fact to tell, not a failure to send. */
  const openPicture = async (ref: string): Promise<{ header: MediaHeader; bytes?: Buffer }> => {
    try {
      const picture = await pictures.open(ref);
      if (picture.status !== 'available') return { header: { kind: 'media', ref, status: picture.status } };
      const { bytes, mime } = picture;
      return { header: { kind: 'media', ref, status: 'available', mime, bytes: bytes.length }, bytes };
    } catch (error) {
      if (!(error instanceof MediaError) || error.code !== 'MEDIA_CORRUPT') throw error;
      log.error({ code: error.code, ref }, error.message);
      return { header: { kind: 'media', ref, status: 'corrupt' } };
    }
  };

  return {
    get liveCount() {
      return liveCount;
    },
    handlers: {
      async 'live.start'(action) {
        const { device, stream, form } = action;
        const source = camera(device);
        if (source === undefined) throw new DipperError('DEVICE_UNKNOWN');
        const open = (over: AbortSignal): AsyncIterable<LiveFrame> => source.live(stream, over, form);
        const { ended } = await sendLive({ invitation: invitationFrom(action), device, stream, open, signal });
        liveCount += 1;
        ended
          .then(
            (figures) => log.info({ device, stream, ...figures }, 'live view over'),
            (error: unknown) => log.warn({ device, stream, err: error }, 'live view broken off'),
          )
          .finally(() => {
            liveCount -= 1;
          });
      },
      async 'media.send'(action) {
        const { header, bytes } = await openPicture(action.ref);
        try {
          await sendMedia(invitationFrom(action), header, bytes, signal);
        } finally {
          // A face does not stay in memory longer than it takes to send it.
          bytes?.fill(0);
        }
      },
    },
  };
}
