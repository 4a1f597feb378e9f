import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { keys } from '../api/keys.ts';
import { useErrorText } from '../i18n/use-code-text.ts';

/** What came of a decision: said to whoever made it, with a way back for as long as it is on screen. */
export interface Decided {
  readonly text: string;
  readonly undo?: () => Promise<unknown>;
}

/** Long enough to see that it was the wrong one. */
const UNDO_SEC = 10;

/** Carries out decisions about alarms. What the hub refuses is left to the caller to show. */
export function useDecide() {
  const { t } = useTranslation('operator');
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const readAgain = (): void => {
    for (const queryKey of [keys.openAlarms, keys.alarmStanding, keys.silences]) {
      void queryClient.invalidateQueries({ queryKey });
    }
  };
  return useMutation({
    mutationFn: (work: () => Promise<Decided>) => work(),
    onSettled: readAgain,
    onSuccess({ text, undo }) {
      if (undo === undefined) return void message.success(text);
      const key = `decided ${Date.now()}`;
      const takeBack = (): void => {
        message.destroy(key);
        undo()
          .then(() => message.info(t('undone')))
          .catch((error: unknown) => message.error(errorText(error).text))
          .finally(readAgain);
      };
      message.success({
        key,
        duration: UNDO_SEC,
        content: (
          <>
            {text}
            <Button type="link" size="small" onClick={takeBack}>
              {t('undo')}
            </Button>
          </>
        ),
      });
    },
  });
}
