import { DipperError } from '@dipper/contract/errors';
import type { AssessmentService } from '../domains/consent/assessment.service.ts';
import type { ConsentService } from '../domains/consent/consent.service.ts';
import type { HolderService } from '../domains/holder/holder.service.ts';
import { isWithin, type Scope } from './scope.ts';

export interface ConsentParts {
  readonly consents: ConsentService;
  readonly assessments: AssessmentService;
}

/**
 * Consents as people use them: of holders that they may see, and of estates that are theirs.
 * @param holders kept to the same scope
 * @param scopeNow throws where nobody asks
 */
export function scopeConsents(
  { consents, assessments }: ConsentParts,
  holders: Pick<HolderService, 'get'>,
  scopeNow: () => Scope,
): ConsentParts {
  const see = (estate: string): void => {
    if (!isWithin(scopeNow(), { estate })) throw new DipperError('NOT_FOUND');
  };
  return {
    consents: {
      async list(holder) {
        await holders.get(holder);
        return consents.list(holder);
      },
      async give(holder, asked, by) {
        await holders.get(holder);
        return consents.give(holder, asked, by);
      },
      async withdraw(holder, consent, asked, by) {
        await holders.get(holder);
        return consents.withdraw(holder, consent, asked, by);
      },
      async enrol(holder, consent, asked, by, signal) {
        await holders.get(holder);
        return consents.enrol(holder, consent, asked, by, signal);
      },
    },
    assessments: {
      list: (query) => assessments.list({ ...query, within: scopeNow() }),
      async get(id) {
        const view = await assessments.get(id);
        see(view.estate);
        return view;
      },
      async file(asked, by) {
        see(asked.estate);
        return assessments.file(asked, by);
      },
      async end(id, by) {
        see((await assessments.get(id)).estate);
        return assessments.end(id, by);
      },
    },
  };
}
