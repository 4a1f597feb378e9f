import type { Incoming } from './incoming.ts';

/** What is older when it comes waited somewhere, and may wait for what happens now. */
const BACKLOG_AGE_MS = 60_000;
/** Where the time of the first event of a batch is found, whatever the order of its attributes. */
const HEAD_BYTES = 2_048;
const TIME = /"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"/;

/**
 * Whether a batch tells of the past: a look at its beginning before it is parsed. Only its turn depends on the answer,
 * so what cannot be told, or lies, is treated as live.
 */
export function isBacklog({ payload, receivedAt }: Incoming): boolean {
  const head = Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.byteLength, HEAD_BYTES));
  const [, time] = TIME.exec(head.toString('latin1')) ?? [];
  return time !== undefined && receivedAt.getTime() - Date.parse(time) > BACKLOG_AGE_MS;
}
