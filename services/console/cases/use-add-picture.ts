import type { CaseAttachment } from '@dipper/contract/api/case-attachment';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { useHub } from '../api/hub-context.ts';
import { keys } from '../api/keys.ts';

export interface NewPicture {
  readonly file: File;
  /** Whether the place that the phone wrote into the picture is kept. */
  readonly keepsLocation: boolean;
}

/** Adds a picture to a case. A second try with the same picture adds it once. */
export function useAddPicture(caseId: string) {
  const { t } = useTranslation('cases');
  const { client } = useHub();
  const { message } = App.useApp();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ file, keepsLocation }: NewPicture) => {
      const query = new URLSearchParams({ key: crypto.randomUUID(), location: keepsLocation ? 'keep' : 'drop' });
      return client.sendFile<CaseAttachment>(`/api/v1/cases/${caseId}/attachments?${query}`, file);
    },
    onSuccess: () => message.success(t('pictureAdded')),
    onSettled: () => queryClient.invalidateQueries({ queryKey: keys.case(caseId) }),
  });
}
