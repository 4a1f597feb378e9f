import { DipperError } from '@dipper/contract/errors';
import type { AuditTrail } from '../domains/audit/audit.service.ts';
import type { Principal } from '../plugins/principal.ts';
import type { EventService, StoredMedia } from '../services.ts';
import type { UplinkOpener } from '../uplink/uplink-opener.ts';
import { type Picture, receivePicture } from './picture.ts';

/** One person's wish to see one picture. */
export interface Look {
  readonly ref: string;
  readonly reason: string;
  readonly principal: Principal;
  readonly address: string;
  readonly requestId: string;
}

export interface MediaViews {
  /**
   * Fetches a picture from the edge that holds it. The look is on record, committed, before a byte is handed out.
   * @throws DipperError MEDIA_UNKNOWN, MEDIA_EXPIRED, MEDIA_ERASED, MEDIA_CORRUPT, AGENT_OFFLINE, COMMAND_TIMEOUT
   */
  view(look: Look, signal: AbortSignal): Promise<Picture>;
  /** Puts a look that was refused on record, whoever asked and whatever was wrong with it. */
  refused(look: Omit<Look, 'principal' | 'reason'> & Partial<Look>, code: string): Promise<void>;
}

export interface MediaViewsOptions {
  readonly events: Pick<EventService, 'findMedia'>;
  readonly openUplink: UplinkOpener;
  readonly audit: AuditTrail;
  readonly now?: () => number;
}

export const MEDIA_VIEW = 'media.view';

/** Refusals of people who are not signed in, put on record at most; more are counted by the metrics of the route only. */
const MAX_ANONYMOUS_PER_MIN = 60;

export function createMediaViews({ events, openUplink, audit, now = Date.now }: MediaViewsOptions): MediaViews {
  const fetchPicture = async (ref: string, location: StoredMedia, signal: AbortSignal): Promise<Picture> => {
    const opened = Promise.withResolvers<Picture>();
    opened.promise.catch(() => undefined); // the edge may refuse by command and by socket; one answer is enough
    await openUplink(
      { estate: location.estate, agent: location.agent },
      (address) => ({ name: 'media.send', ref, ...address }),
      (socket) => opened.resolve(receivePicture(socket, ref)),
      signal,
    );
    return opened.promise;
  };
  const record = (look: Omit<Look, 'principal' | 'reason'> & Partial<Look>, outcome: string): Promise<void> =>
    audit.record({
      action: MEDIA_VIEW,
      target: look.ref,
      reason: look.reason ?? null,
      outcome,
      principal: look.principal,
      address: look.address,
      requestId: look.requestId,
    });
  let anonymous = { minute: 0, count: 0 };
  const isFlood = (): boolean => {
    const minute = Math.floor(now() / 60_000);
    anonymous = { minute, count: anonymous.minute === minute ? anonymous.count + 1 : 1 };
    return anonymous.count > MAX_ANONYMOUS_PER_MIN;
  };
  return {
    async view(look, signal) {
      const location = await events.findMedia(look.ref);
      if (location === undefined) throw new DipperError('MEDIA_UNKNOWN');
      const picture = await fetchPicture(look.ref, location, signal);
      try {
        await record(look, 'granted');
      } catch (error) {
        picture.body.destroy();
        throw error;
      }
      return picture;
    },
    async refused(look, code) {
      if (look.principal === undefined && isFlood()) return;
      await record(look, code);
    },
  };
}
