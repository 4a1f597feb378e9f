import { createHash } from 'node:crypto';
import { type ErrorCode, isDipperError } from '@dipper/contract/errors';
import type { Incoming, Refusal } from './incoming.ts';

/** As long a topic as is kept; ours are shorter. */
const MAX_TOPIC_CHARACTERS = 256;

/** Makes a dead letter of a whole message, or of one part of it. */
export function refusalOf(
  message: Pick<Incoming, 'topic' | 'receivedAt'>,
  agent: string | null,
  reason: ErrorCode,
  content: Uint8Array | string,
): Refusal {
  return {
    topic: storableText(message.topic).slice(0, MAX_TOPIC_CHARACTERS),
    agent,
    reason,
    sha256: createHash('sha256').update(content).digest(),
    bytes: Buffer.byteLength(content),
    receivedAt: message.receivedAt,
  };
}

/** The code of what a parser threw. @throws the error itself when it is not one of ours: that is a defect, not bad input */
export function reasonOf(error: unknown): ErrorCode {
  if (isDipperError(error)) return error.code;
  throw error;
}

/** PostgreSQL's text holds neither NUL nor half a surrogate pair. */
function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** Whether every text inside a JSON value, keys included, can be stored in PostgreSQL's jsonb. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isStorable);
  if (value === null || typeof value !== 'object') return true;
  return Object.entries(value).every(([key, content]) => isStorable(key) && isStorable(content));
}
