import { createHash } from 'node:crypto';

/** The id of the event source's n-th event (0, 1, 2 …): always the same, in the form of a UUID. */
export function numberedId(index: number): string {
  const hex = createHash('sha256').update(`event ${index}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What the event source tells its parent over IPC, ten times a second. */
export interface SourceReport {
  readonly type: 'source';
  /** Events accepted so far, over all runs. */
  readonly accepted: number;
  /** Events no receipt has named yet. */
  readonly unreceipted: number;
  readonly quarantined: number;
}

/** What its parent may tell the event source: up to how many events, over all runs, it may accept. */
export interface SourceOrder {
  readonly type: 'count';
  readonly count: number;
}
