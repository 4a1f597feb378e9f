import { DipperError } from '@dipper/contract/errors';

/** SQLSTATE classes (PostgreSQL 17, appendix A) that say the server cannot work now, not that we asked wrongly. */
const UNAVAILABLE_CLASSES = ['08', '53', '57', '58'];
const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']);
/** `pg` throws these without a code. */
const NETWORK_MESSAGES = /connection terminated|connection timeout|timeout exceeded|query read timeout|not queryable/i;

function codeOf(error: unknown): string | undefined {
  const code = error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Whether the database could not be reached or could not work: the same call may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error && NETWORK_MESSAGES.test(error.message);
  if (code === 'DATABASE_UNAVAILABLE' || NETWORK_CODES.has(code)) return true;
  return code.length === 5 && (UNAVAILABLE_CLASSES.includes(code.slice(0, 2)) || code === '25P03');
}

/** Whether two transactions got in each other's way (class 40): the same transaction may be tried again at once. */
export function isTransactionConflict(error: unknown): boolean {
  return codeOf(error)?.startsWith('40') === true;
}

/** Whether the database refuses the values themselves (classes 22 and 23): trying again changes nothing. */
export function isRefusedValue(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && code.length === 5 && (code.startsWith('22') || code.startsWith('23'));
}

/** Whether the error came from the database or the way to it at all. */
export function isDatabaseError(error: unknown): boolean {
  return isDatabaseUnavailable(error) || /^[0-9A-Z]{5}$/.test(codeOf(error) ?? '');
}

/** Runs a call on behalf of the API: an unreachable database becomes DATABASE_UNAVAILABLE, everything else passes. */
export async function translateUnavailable<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isDatabaseUnavailable(error)) throw new DipperError('DATABASE_UNAVAILABLE', { cause: error });
    throw error;
  }
}
