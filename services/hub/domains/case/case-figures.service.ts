import type { CaseFigure } from '@dipper/contract/api/case-figures';
import { translateUnavailable } from '../../database/errors.ts';
import type { Db } from '../../database/pool.ts';
import type { Actor } from '../../services.ts';
import { countCases } from './case-figures.repository.ts';

export interface CaseFiguresService {
  /** Within the scope of whoever asks. */
  count(from: Date, until: Date, actor: Actor): Promise<CaseFigure[]>;
}

export function createCaseFiguresService(db: Db): CaseFiguresService {
  return { count: (from, until, { scope }) => translateUnavailable(() => countCases(db, from, until, scope)) };
}
