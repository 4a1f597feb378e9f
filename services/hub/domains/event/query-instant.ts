import { DipperError } from '@dipper/contract/errors';

/** The pattern of a timestamp lets the 40th of a month through. @throws DipperError REQUEST_INVALID */
export function refuseNoDate(name: string, instant: string | undefined): void {
  if (instant === undefined || !Number.isNaN(Date.parse(instant))) return;
  const problem = { path: `/querystring/${name}`, message: 'is no date' };
  throw new DipperError('REQUEST_INVALID', { message: `${problem.path}: ${problem.message}`, detail: [problem] });
}
