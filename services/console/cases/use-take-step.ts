import type { CaseDetail, CaseStepRequest } from '@dipper/contract/api/case';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { keys } from '../api/keys.ts';
import { writeDraft } from './note-draft.ts';

/**
 * Takes a step in a case. Whoever decided on an older version gets the newest to decide again: the case is read anew
 * and `onConflict` told, the note stays.
 */
export function useTakeStep(caseId: string, onConflict: () => void) {
  const { t } = useTranslation('cases');
  const { client } = useHub();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (step: CaseStepRequest) =>
      client.send<CaseDetail>('POST', `/api/v1/cases/${encodeURIComponent(caseId)}/steps`, step),
    onSuccess: (detail, { action }) => {
      writeDraft(caseId, '');
      queryClient.setQueryData<CaseDetail>(keys.case(caseId), detail);
      void queryClient.invalidateQueries({ queryKey: keys.caseLists });
      message.success(t('done', { action: t(`action.${action}`) }));
    },
    onError: async (error) => {
      const isConflict =
        isHubError(error, 'VERSION_CONFLICT') ||
        isHubError(error, 'STEP_NOT_ALLOWED') ||
        isHubError(error, 'HANDLER_CANNOT_VERIFY');
      if (!isConflict) return;
      await queryClient.invalidateQueries({ queryKey: keys.case(caseId) });
      if (isHubError(error, 'VERSION_CONFLICT')) onConflict();
    },
  });
}
