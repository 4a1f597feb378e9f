import { DipperError } from '@dipper/contract/errors';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether PostgreSQL will read a text as the uuid that we write. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** What was found; nothing can be found by an id that is none. @throws DipperError NOT_FOUND */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new DipperError('NOT_FOUND');
  return value;
}
