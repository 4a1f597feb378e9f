import { DipperError } from '@dipper/contract/errors';

/** What a field of a body gets wrong that its schema cannot say. */
export function invalidField(field: string, message: string): DipperError {
  const problem = { path: `/body/${field}`, message };
  return new DipperError('REQUEST_INVALID', { message: `${problem.path}: ${message}`, detail: [problem] });
}
