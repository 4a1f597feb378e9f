import type { Alarm } from '@dipper/contract/api/alarm';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { isHubError } from '../api/hub-error.ts';
import { keys } from '../api/keys.ts';
import { useErrorText } from '../i18n/use-code-text.ts';
import { useLocalText } from '../i18n/use-language.ts';
import { withAlarm } from './open-alarms.ts';

/** Acknowledges alarms of one line. That is on record and cannot be taken back, so the page shows it only when the hub has said yes. */
export function useAcknowledge() {
  const { t } = useTranslation('alarms');
  const { client } = useHub();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const localText = useLocalText();
  return useMutation({
    mutationFn: async (alarms: readonly Alarm[]) => {
      const answers = await Promise.allSettled(
        alarms.map(({ id }) => client.send<Alarm>('POST', `/api/v1/alarms/${id}/acknowledgements`, {})),
      );
      for (const answer of answers) {
        if (answer.status === 'fulfilled') {
          const alarm = answer.value;
          queryClient.setQueryData<readonly Alarm[]>(keys.openAlarms, (open) => open && withAlarm(open, alarm));
          queryClient.setQueryData<Alarm>(keys.alarm(alarm.id), alarm);
        }
      }
      const refused = answers.find((answer) => answer.status === 'rejected');
      if (refused !== undefined) throw refused.reason;
    },
    onSuccess: (_, [first]) => {
      if (first !== undefined) message.success(t('acknowledged', { title: localText(first.title) }));
    },
    onError: (error) => {
      if (isHubError(error, 'ALARM_ALREADY_ACKNOWLEDGED')) message.info(t('acknowledgedMeanwhile'));
      else message.error(errorText(error).text);
      void queryClient.invalidateQueries({ queryKey: keys.openAlarms });
    },
  });
}
