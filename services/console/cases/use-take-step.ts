import type { CaseAction, CaseDetail, CaseStepRequest, GridCase } from '@dipper/contract/api/case';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { keys } from '../api/keys.ts';
import { useSession } from '../session/session-context.ts';
import { writeDraft } from './note-draft.ts';
import { sendOrKeep } from './offline-sender.ts';

/** What a worker does outside; what is decided at a desk is decided on what the hub says now. */
const OFFLINE_STEPS: readonly CaseAction[] = ['accept', 'handle', 'comment'];

/**
 * Takes a step in a case. Whoever decided on an older version gets the newest to decide again: the case is read anew
 * and `onConflict` told, the note stays.
 */
export function useTakeStep({ id: caseId, number }: Pick<GridCase, 'id' | 'number'>, onConflict: () => void) {
  const { t } = useTranslation('cases');
  const { client } = useHub();
  const { account } = useSession();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (step: CaseStepRequest) => {
      const path = `/api/v1/cases/${encodeURIComponent(caseId)}/steps`;
      const body = { ...step, key: crypto.randomUUID(), takenAt: new Date().toISOString() };
      if (!OFFLINE_STEPS.includes(step.action)) return client.send<CaseDetail>('POST', path, body);
      const title = `${number} ${t(`action.${step.action}`)}`;
      return sendOrKeep<CaseDetail>(client, { id: body.key, account: account.name, kind: 'step', title, path, body });
    },
    onSuccess: (detail, { action }) => {
      writeDraft(caseId, '');
      if (detail === undefined) {
        message.info(t('keptOffline'));
        return;
      }
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
