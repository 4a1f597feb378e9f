import { isDipperError } from '@dipper/contract/errors';
import type { EventDraft } from '@dipper/contract/events';
import type { Logger } from 'pino';
import { LinkError } from '../link/errors.ts';
import type { Link } from '../link/link.ts';

export interface ReportDesk {
  /** Takes an event from a part of the agent; what cannot be kept is logged and counted, never thrown at who saw it. */
  report(draft: EventDraft): void;
  /** Events that were not accepted since the start, by code. */
  refused(): Readonly<Record<string, number>>;
}

/** @param onFatal the outbox is damaged: only a restart, which begins a new one, helps */
export function createReportDesk(link: Pick<Link, 'report'>, log: Logger, onFatal: (error: Error) => void): ReportDesk {
  const refused: Record<string, number> = {};
  return {
    report(draft) {
      try {
        link.report(draft);
      } catch (error) {
        if (!(error instanceof LinkError) && !isDipperError(error)) throw error;
        refused[error.code] = (refused[error.code] ?? 0) + 1;
        log.error({ code: error.code, err: error, type: draft.type, device: draft.device }, 'event not accepted');
        if (error.code === 'OUTBOX_CORRUPT') onFatal(error);
      }
    },
    refused: () => ({ ...refused }),
  };
}
